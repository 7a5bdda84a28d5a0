// A set of byte offsets: which bytes of a memory have been written.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace warpsmith::emulator {

class ByteSet {
  public:
    ByteSet() = default;
    explicit ByteSet(std::size_t bytes) : words_((bytes + 63) / 64 + 1, 0) {}

    // Adds [first, first + count).
    void insert(std::size_t first, std::size_t count) {
        while (count > 0) {
            const std::size_t bit = first % 64, taken = std::min<std::size_t>(64 - bit, count);
            words_[first / 64] |= low_bits(taken) << bit;
            first += taken;
            count -= taken;
        }
    }

    // Whether all of [first, first + count) is in; count at most 64.
    bool contains(std::size_t first, std::size_t count) const {
        const std::size_t bit = first % 64;
        std::uint64_t bits = words_[first / 64] >> bit;
        if (bit + count > 64) {
            bits |= words_[first / 64 + 1] << (64 - bit);
        }
        return (bits & low_bits(count)) == low_bits(count);
    }

    // Whether all of [first, first + count) is in.
    bool contains_all(std::size_t first, std::size_t count) const {
        for (; count > 64; first += 64, count -= 64) {
            if (!contains(first, 64)) {
                return false;
            }
        }
        return contains(first, count);
    }

  private:
    static std::uint64_t low_bits(std::size_t count) {
        return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    }

    std::vector<std::uint64_t> words_;
};

}  // namespace warpsmith::emulator
