// A hash table from keys that the caller keeps to their positions: open addressing, two integers a slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace warpsmith {

// Spreads the bits of a key; fold several by passing what came out before (the constants are those of MurmurHash3's
// finaliser).
inline std::uint64_t mixed(std::uint64_t key, std::uint64_t before = 0) {
    std::uint64_t hash = (before * 0x9E3779B97F4A7C15U) ^ key;
    hash = (hash ^ hash >> 33U) * 0xFF51AFD7ED558CCDU;
    return hash ^ hash >> 33U;
}

class SlotTable {
  public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    explicit SlotTable(std::size_t expected = 0) : slots_(16) { expect(expected); }

    // Makes room for so many keys at once, instead of bit by bit.
    void expect(std::size_t keys) {
        std::size_t slots = slots_.size();
        while (slots < 2 * keys) {
            slots *= 2;
        }
        if (slots > slots_.size()) {
            resize(slots);
        }
    }

    // The position of the key with this hash for which `equals(position)` holds, or kNone.
    template <class Equals>
    std::uint32_t find(std::uint64_t hash, const Equals& equals) const {
        const auto tag = static_cast<std::uint32_t>(hash);
        for (std::size_t at = tag & mask();; at = (at + 1) & mask()) {
            const Slot& slot = slots_[at];
            if (slot.position == kNone || (slot.tag == tag && equals(slot.position))) {
                return slot.position;
            }
        }
    }

    // Of a key that is not in the table.
    void add(std::uint64_t hash, std::uint32_t position) {
        if (2 * ++count_ > slots_.size()) {
            resize(2 * slots_.size());
        }
        place({static_cast<std::uint32_t>(hash), position});
    }

  private:
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t position = kNone;
    };

    std::size_t mask() const { return slots_.size() - 1; }
    void resize(std::size_t slots) {
        std::vector<Slot> old(slots);
        old.swap(slots_);
        for (const Slot& slot : old) {
            if (slot.position != kNone) {
                place(slot);
            }
        }
    }
    void place(const Slot& slot) {
        std::size_t at = slot.tag & mask();
        while (slots_[at].position != kNone) {
            at = (at + 1) & mask();
        }
        slots_[at] = slot;
    }

    std::vector<Slot> slots_;
    std::size_t count_ = 0;
};

}  // namespace warpsmith
