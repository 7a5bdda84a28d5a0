#include "device/emulator/number_format.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace warpsmith::emulator {
namespace {

constexpr Format kFormats[] = {
    {Type::f64, 11, 52, true, 0x7FF8000000000000, 0x7FEFFFFFFFFFFFFF},
    {Type::f32, 8, 23, true, 0x7FFFFFFF, 0x7F7FFFFF},
    {Type::f16, 5, 10, true, 0x7FFF, 0x7BFF},
    {Type::bf16, 8, 7, true, 0x7FFF, 0x7F7F},
    {Type::tf32, 8, 10, true, 0x3FFFF, 0x3FBFF},
    {Type::e4m3, 4, 3, false, 0x7F, 0x7E},
    {Type::e5m2, 5, 2, true, 0x7F, 0x7B},
};

int bias(const Format& format) {
    return (1 << (format.exponent_bits - 1)) - 1;
}

// Whether the magnitude n + fraction (0 <= fraction < 1, `beyond` the sign of what lies behind) goes up to n + 1.
bool rounds_up(RoundMode mode, bool negative, bool odd, double fraction, int beyond) {
    const bool inexact = fraction > 0 || beyond != 0;
    const bool above_half = fraction > 0.5 || (fraction == 0.5 && beyond > 0);
    const bool tie = fraction == 0.5 && beyond == 0;
    switch (mode) {
        case RoundMode::nearest_even:
            return above_half || (tie && odd);
        case RoundMode::nearest_away:
            return above_half || tie;
        case RoundMode::to_zero:
            return false;
        case RoundMode::down:
            return negative && inexact;
        case RoundMode::up:
            break;
    }
    return !negative && inexact;
}

}  // namespace

const Format* format_of(Type type) {
    for (const Format& format : kFormats) {
        if (format.type == type) {
            return &format;
        }
    }
    return nullptr;
}

double decode(const Format& format, std::uint64_t bits) {
    const unsigned sign_bit = format.exponent_bits + format.mantissa_bits;
    const double sign = (bits >> sign_bit & 1) != 0 ? -1.0 : 1.0;
    const std::uint64_t magnitude = bits & ((std::uint64_t{1} << sign_bit) - 1);
    if (magnitude > format.largest) {
        const bool infinite = format.has_infinity && magnitude == format.largest + 1;
        return infinite ? sign * HUGE_VAL : std::nan("");
    }
    const std::uint64_t exponent = magnitude >> format.mantissa_bits;
    const std::uint64_t mantissa = magnitude & ((std::uint64_t{1} << format.mantissa_bits) - 1);
    const std::uint64_t whole = exponent == 0 ? mantissa : mantissa | std::uint64_t{1} << format.mantissa_bits;
    const int scale =
        static_cast<int>(std::max<std::uint64_t>(exponent, 1)) - bias(format) - static_cast<int>(format.mantissa_bits);
    return sign * std::ldexp(static_cast<double>(whole), scale);
}

std::uint64_t encode(const Format& format, double value, double error, RoundMode mode, bool saturates) {
    if (std::isnan(value)) {
        return format.nan;
    }
    const bool negative = std::signbit(value);
    const std::uint64_t sign = negative ? std::uint64_t{1} << (format.exponent_bits + format.mantissa_bits) : 0;
    const bool keeps_finite = saturates || !format.has_infinity;
    if (std::isinf(value)) {
        return sign | (keeps_finite ? format.largest : format.largest + 1);
    }
    const int smallest = 1 - bias(format), mantissa_bits = static_cast<int>(format.mantissa_bits);
    const double magnitude = std::fabs(value);
    const int exponent = magnitude == 0 ? smallest : std::max(std::ilogb(magnitude), smallest);
    const double scaled = std::ldexp(magnitude, mantissa_bits - exponent), whole = std::floor(scaled);
    // In f64 `value` has all its bits; what lies below is in `error` alone.
    int beyond = error == 0 ? 0 : (error > 0) == negative ? -1 : 1;
    std::uint64_t n = static_cast<std::uint64_t>(whole);
    double fraction = scaled - whole;
    if (fraction == 0 && beyond < 0 && n > 0) {  // just below n
        --n;
        fraction = 0.75;  // nearer to n than to n - 1
        beyond = 0;
    }
    n += rounds_up(mode, negative, (n & 1) != 0, fraction, beyond) ? 1 : 0;
    const std::uint64_t hidden = std::uint64_t{1} << mantissa_bits;
    const std::uint64_t field = static_cast<std::uint64_t>(exponent - smallest);
    const std::uint64_t bits = n < hidden && field == 0 ? n : ((field + 1) << mantissa_bits) + n - hidden;
    if (bits <= format.largest) {
        return sign | bits;
    }
    const bool towards_zero =
        mode == RoundMode::to_zero || (mode == RoundMode::down && !negative) || (mode == RoundMode::up && negative);
    return sign | (keeps_finite || towards_zero ? format.largest : format.largest + 1);
}

}  // namespace warpsmith::emulator
