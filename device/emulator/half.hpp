// The 16-bit floating types, their values in single precision, and rounding to them.
//
// Every function is branch-free arithmetic on one value, so that loops over lanes vectorise on any processor.
#pragma once

#include <bit>
#include <cstdint>

#include "device/emulator/lanes.hpp"

namespace warpsmith::emulator {

// Rounding to the nearest, ties to even, is what all of these do unless their name says otherwise.
struct Float16 {
    std::uint16_t bits;
};
struct BFloat16 {
    std::uint16_t bits;
};

constexpr std::uint32_t kFloatNaN = 0x7FFFFFFF;  // what GPUs make of every NaN
constexpr std::uint16_t kHalfNaN = 0x7FFF;       // of both 16-bit types

WARPSMITH_INLINE float choose(bool condition, float yes, float no) {
    const std::uint32_t mask = condition ? 0xFFFFFFFFU : 0U;
    return std::bit_cast<float>((std::bit_cast<std::uint32_t>(yes) & mask) |
                                (std::bit_cast<std::uint32_t>(no) & ~mask));
}

WARPSMITH_INLINE float widen(Float16 value) {
    const std::uint32_t magnitude = static_cast<std::uint32_t>(value.bits & 0x7FFF) << 13;
    // The exponent moves from bias 15 to bias 127; a multiplication does it for subnormal values too.
    const std::uint32_t scaled = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112F);
    const std::uint32_t special = magnitude | 0x7F800000;  // infinity and NaN
    const std::uint32_t result = magnitude >= 0x0F800000 ? special : scaled;
    return std::bit_cast<float>(result | static_cast<std::uint32_t>(value.bits & 0x8000) << 16);
}

WARPSMITH_INLINE float widen(BFloat16 value) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16);
}

WARPSMITH_INLINE Float16 narrow_to_half(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value), magnitude = bits & 0x7FFFFFFF;
    // Normal results: add half a unit, ties to even, and move the exponent. The carry may make infinity, as it should.
    const std::uint32_t normal = (magnitude + 0xFFF + (magnitude >> 13 & 1) - (112U << 23)) >> 13;
    // Subnormal results: adding 0.5 leaves them, rounded by the addition, in the low bits of the sum.
    const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5F) - 0x3F000000;
    std::uint32_t result = magnitude < (113U << 23) ? subnormal : normal;
    result = magnitude >= (143U << 23) ? 0x7C00U : result;
    result = magnitude > 0x7F800000 ? kHalfNaN : result | (bits >> 16 & 0x8000);
    return {static_cast<std::uint16_t>(result)};
}

WARPSMITH_INLINE BFloat16 narrow_to_bfloat(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    return {static_cast<std::uint16_t>((bits & 0x7FFFFFFF) > 0x7F800000 ? kHalfNaN : rounded)};
}

template <class H>
struct Narrow;
template <>
struct Narrow<Float16> {
    WARPSMITH_INLINE Float16 apply(float value) { return narrow_to_half(value); }
};
template <>
struct Narrow<BFloat16> {
    WARPSMITH_INLINE BFloat16 apply(float value) { return narrow_to_bfloat(value); }
};

// x rounded to the odd neighbour when `error`, which is what is missing to the exact result, is not zero: rounding that
// to a format at least two bits shorter is then as good as rounding the exact result.
WARPSMITH_INLINE float to_odd(float x, double error) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
    const bool outward = x == 0 || (error > 0) == (x > 0);  // a zero has the sign of what it came from
    const std::uint32_t moved = outward ? bits + 1 : bits - 1;
    const bool change = error != 0 && (bits & 1) == 0 && (bits & 0x7F800000) != 0x7F800000;
    return std::bit_cast<float>(change ? moved : bits);
}

WARPSMITH_INLINE double to_odd(double x, double error) {
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
    const bool outward = x == 0 || (error > 0) == (x > 0);  // a zero has the sign of what it came from
    const std::uint64_t moved = outward ? bits + 1 : bits - 1;
    const bool change = error != 0 && (bits & 1) == 0 && (bits & 0x7FF0000000000000) != 0x7FF0000000000000;
    return std::bit_cast<double>(change ? moved : bits);
}

// What a + b lacks of the exact sum (Knuth's two-sum), exactly.
template <class T>
WARPSMITH_INLINE T sum_error(T a, T b, T sum) {
    const T part = sum - a;
    return (a - (sum - part)) + (b - part);
}

// A double that was rounded to odd, as a float rounded to odd.
WARPSMITH_INLINE float narrow_to_odd(double x) {
    const float nearest = static_cast<float>(x);
    return to_odd(nearest, x - static_cast<double>(nearest));
}

// a * b + c as a float rounded to odd; for operands of at most 11 bits, whose product a double holds.
WARPSMITH_INLINE float fused_to_odd(float a, float b, float c) {
    const double product = static_cast<double>(a) * static_cast<double>(b), addend = static_cast<double>(c);
    const double sum = product + addend;
    return narrow_to_odd(to_odd(sum, sum_error(product, addend, sum)));
}

}  // namespace warpsmith::emulator
