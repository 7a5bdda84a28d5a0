// What is remembered of the accesses to a piece of memory: for each granule the last write and the last reads of two
// different warps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "device/emulator/knowledge.hpp"
#include "device/emulator/program.hpp"

namespace warpsmith::emulator {

// Who and when. An actor is a lane of the grid: (block * warps per block + warp) * 32 + lane. `place` is the
// instruction, with kStrong set for atomic and volatile accesses, which do not race with each other.
struct AccessRecord {
    Time time = 0;
    std::uint32_t actor = 0;
    std::uint32_t place = 0;
};
constexpr std::uint32_t kStrong = 0x80000000U;

// The time of an asynchronous copy that is under way: no thread knows it to be over, not even the one that started it.
constexpr Time kUnderWay = ~Time{0};

enum class Last : std::uint8_t { write, read, other_read };
constexpr std::size_t kLasts = 3;

// How an access is noted: what it is, when it is, and where it stands.
struct Note {
    bool writes = false;
    bool ends_copy = false;  // of its own lane, which alone may have written since it began
    Time time = 0;
    std::uint32_t place = 0;
};

// Granules that lie one behind the other, a power of two to each lane, of which the first `per_lane` are touched. They
// are counted from lane 0; the first may be none of lane 0's.
struct Stretch {
    std::size_t first = 0;           // granule
    std::uint32_t count = 0;         // not over the end of a group
    std::uint32_t before = 0;        // granules of lower lanes, and those of the first lane that come before
    std::uint32_t stride_shift = 0;  // from one lane to the next
    std::uint32_t per_lane = 1;
    std::uint32_t lane(std::uint32_t granule) const { return (before + granule) >> stride_shift; }
    bool touches(std::uint32_t granule) const { return ((before + granule) & ((1U << stride_shift) - 1)) < per_lane; }
};

// Records of 16 granules lie together, field by field: neighbours are looked at all at once. Those of writes, of reads
// and of other reads lie apart, and what was never set is not looked at: much memory is only read, or only written, and
// records are many more bytes than what they are for.
class Shadow {
  public:
    static constexpr std::size_t kGroup = 16;

    Shadow() = default;
    explicit Shadow(std::size_t bytes) : bytes_(bytes) { allocate(); }

    // Bytes that one record is for: 4, or as few as an access had. A power of two.
    std::size_t granule() const { return std::size_t{1} << granule_shift_; }
    std::uint32_t granule_shift() const { return granule_shift_; }

    // Makes granules as small as `bytes`; what was known of a large one holds for its parts.
    void refine(std::size_t bytes);

    AccessRecord get(Last which, std::size_t index) const {
        if (!seen(which, index)) {
            return {};
        }
        const std::uint32_t* const field = fields(which, index);
        return {field[0], field[kGroup], field[2 * kGroup]};
    }
    void set(Last which, std::size_t index, const AccessRecord& record) {
        std::uint32_t* const field = fields(which, index);
        seen_[index / kGroup] = static_cast<std::uint8_t>(seen_[index / kGroup] | bit(which));
        field[0] = record.time;
        field[kGroup] = record.actor;
        field[2 * kGroup] = record.place;
    }

    // When nothing speaks against the accesses of a stretch, notes them and says so; else changes nothing, for a closer
    // look at each granule.
    bool note(const Stretch& stretch, const Summary& who, const Note& how);

    // The same for one granule and one lane, or, not `alone`, for all lanes of the warp, of which `lane` is noted.
    bool note_one(std::size_t index, unsigned lane, const Summary& who, const Note& how, bool alone = true) {
        const auto known = [&](const AccessRecord& record) {
            return record.time <= who.everyone ||
                   (record.actor - who.block_first < who.block_actors && record.time <= who.block_floor) ||
                   (alone && record.actor == who.first_actor + lane && record.time != kUnderWay) ||
                   (record.actor - who.first_actor < kLanes && record.time <= who.mutual);
        };
        const AccessRecord write = get(Last::write, index), read = get(Last::read, index);
        const bool own_copy = how.ends_copy && write.actor == who.first_actor + lane;
        if ((!known(write) && !own_copy) || (how.writes && (!known(read) || !known(get(Last::other_read, index))))) {
            return false;
        }
        if (!how.writes && read.time != 0 && read.actor - who.first_actor >= kLanes) {
            set(Last::other_read, index, read);
        }
        set(how.writes ? Last::write : Last::read, index, {how.time, who.first_actor + lane, how.place});
        return true;
    }

  private:
    static constexpr std::size_t kFields = 3;  // time, actor, place
    static constexpr std::size_t kGroupWords = kGroup * kFields;

    static constexpr std::uint32_t bit(Last which) { return 1U << static_cast<std::uint32_t>(which); }
    bool seen(Last which, std::size_t index) const { return (seen_[index / kGroup] & bit(which)) != 0; }
    std::uint32_t* group(Last which, std::size_t number) const {
        return memory_.get() + (static_cast<std::size_t>(which) * groups() + number) * kGroupWords;
    }
    std::uint32_t* fields(Last which, std::size_t index) const { return group(which, index / kGroup) + index % kGroup; }
    std::size_t groups() const { return (bytes_ >> granule_shift_) / kGroup + 1; }
    void allocate();

    struct Free {
        void operator()(std::uint32_t* memory) const { std::free(memory); }
    };
    std::size_t bytes_ = 0;
    std::uint32_t granule_shift_ = 2;
    std::unique_ptr<std::uint32_t, Free> memory_;  // zeroed pages that the host gives once they are touched
    std::vector<std::uint8_t> seen_;               // [group]: bit per Last, of those that were set anywhere in it
};

}  // namespace warpsmith::emulator
