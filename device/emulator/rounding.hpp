// Single-precision results: NaNs, subnormals, saturation, and the rounding modes that a processor's own arithmetic
// lacks.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "device/emulator/half.hpp"

namespace warpsmith::emulator {

enum class Rounding : std::uint8_t { nearest, to_zero, down, up };

// GPUs answer every NaN with the same one.
WARPSMITH_INLINE float canonical(float x) {
    return choose(x == x, x, std::bit_cast<float>(kFloatNaN));
}

// Subnormal values become zero of the same sign.
WARPSMITH_INLINE float flushed(float x) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
    return std::bit_cast<float>((bits & 0x7F800000) == 0 ? bits & 0x80000000 : bits);
}

// To [0, 1], NaN to +0.
WARPSMITH_INLINE float saturated(float x) {
    const float positive = choose(x > 0.0F, x, 0.0F);
    return choose(positive < 1.0F, positive, 1.0F);
}

template <Rounding mode>
WARPSMITH_INLINE float round_to_float(double x) {  // x is exact or rounded to odd
    const float nearest = static_cast<float>(x);
    if constexpr (mode == Rounding::nearest) {
        return nearest;
    }
    const double value = static_cast<double>(nearest);
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(nearest);
    const bool negative = bits >> 31 != 0;
    const bool too_high = mode == Rounding::down || (mode == Rounding::to_zero && !negative);
    const bool wrong = too_high ? value > x : value < x;
    const bool outward = too_high == negative;  // the magnitude grows
    return std::bit_cast<float>(wrong ? (outward ? bits + 1 : bits - 1) : bits);
}

// An exact zero that two different terms add up to is negative when rounding down.
template <Rounding mode>
WARPSMITH_INLINE double zero_sum(double a, double b, double sum) {
    if constexpr (mode == Rounding::down) {
        return sum == 0 && std::signbit(a) != std::signbit(b) ? -0.0 : sum;
    }
    return sum;
}

// Rounded once, from exact terms.
template <Rounding mode>
WARPSMITH_INLINE float rounded_sum(double a, double b) {
    const double sum = a + b;
    return round_to_float<mode>(zero_sum<mode>(a, b, to_odd(sum, sum_error(a, b, sum))));
}

}  // namespace warpsmith::emulator
