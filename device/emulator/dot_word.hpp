// The products of two registers' narrow elements, added up: what tensor cores do with 8-bit, 4-bit and 1-bit integers.
#pragma once

#include <algorithm>
#include <bit>
#include <limits>

#include "device/emulator/integer_types.hpp"
#include "device/emulator/lanes.hpp"
#include "device/emulator/types.hpp"

namespace warpsmith::emulator {

// Element `i` of a word of elements of `bits` bits, the lowest first.
template <unsigned bits, bool with_sign>
WARPSMITH_INLINE short_names::s32 narrow_element(short_names::u32 word, unsigned i) {
    const short_names::u32 top = word << (32 - bits - i * bits);
    return with_sign ? static_cast<short_names::s32>(top) >> (32 - bits)
                     : static_cast<short_names::s32>(top >> (32 - bits));
}

template <unsigned bits, bool sign_a, bool sign_b>
struct ProductsOf {
    WARPSMITH_INLINE short_names::s32 apply(short_names::u32 a, short_names::u32 b) {
        short_names::s32 sum = 0;
        for (unsigned i = 0; i < 32 / bits; ++i) {
            sum += narrow_element<bits, sign_a>(a, i) * narrow_element<bits, sign_b>(b, i);
        }
        return sum;
    }
};
struct CountOfXor {
    WARPSMITH_INLINE short_names::s32 apply(short_names::u32 a, short_names::u32 b) { return std::popcount(a ^ b); }
};
struct CountOfAnd {
    WARPSMITH_INLINE short_names::s32 apply(short_names::u32 a, short_names::u32 b) { return std::popcount(a & b); }
};

// What an accumulator of 32 bits keeps of a sum: the nearest number it has (.satfinite), or the low bits.
inline short_names::s32 narrow_sum(short_names::s64 sum, bool clamps) {
    const short_names::s64 low = std::numeric_limits<short_names::s32>::min();
    const short_names::s64 high = std::numeric_limits<short_names::s32>::max();
    return static_cast<short_names::s32>(static_cast<short_names::u32>(clamps ? std::clamp(sum, low, high) : sum));
}

}  // namespace warpsmith::emulator
