// Binary floating-point formats of any size, encoded and decoded one value at a time: for conversions that are too rare
// to have a vectorised form.
#pragma once

#include <cstdint>

#include "device/emulator/types.hpp"

namespace warpsmith::emulator {

enum class RoundMode : std::uint8_t { nearest_even, nearest_away, to_zero, down, up };

struct Format {
    Type type;
    unsigned exponent_bits;
    unsigned mantissa_bits;
    bool has_infinity;
    std::uint64_t nan;      // canonical
    std::uint64_t largest;  // finite, positive
};

// Null when the type is no floating-point type.
const Format* format_of(Type type);

// The value of these bits.
double decode(const Format& format, std::uint64_t bits);

// `value` rounded once; `error` has the sign of what the exact value is above `value`. Overflow becomes infinity, or
// the largest finite value where `saturates`, where the mode says so, or where there is no infinity.
std::uint64_t encode(const Format& format, double value, double error, RoundMode mode, bool saturates);

}  // namespace warpsmith::emulator
