// Exponential, logarithm and hyperbolic tangent in double precision, to about 1e-14, as arithmetic that vectorises.
#pragma once

#include <bit>
#include <cstdint>

#include "device/emulator/lanes.hpp"

namespace warpsmith::emulator {

WARPSMITH_INLINE double choose_double(bool condition, double yes, double no) {
    const std::uint64_t mask = condition ? ~std::uint64_t{0} : 0;
    return std::bit_cast<double>((std::bit_cast<std::uint64_t>(yes) & mask) |
                                 (std::bit_cast<std::uint64_t>(no) & ~mask));
}

// 2^x: beyond +-300 as there, which over- or underflows single precision all the same.
WARPSMITH_INLINE double exp2_of(double x) {
    x = choose_double(x < -300.0, -300.0, x);
    x = choose_double(x > 300.0, 300.0, x);
    const double magic = 0x1.8p52;  // adding it leaves the nearest integer in the low bits
    const double shifted = x + magic;
    const double f = (x - (shifted - magic)) * 0x1.62e42fefa39efp-1;  // ln 2
    double p = 1.0 / 479001600.0;  // Taylor's series: |f| <= 0.35, so the 13th term is below 1e-15
    p = p * f + 1.0 / 39916800.0;
    p = p * f + 1.0 / 3628800.0;
    p = p * f + 1.0 / 362880.0;
    p = p * f + 1.0 / 40320.0;
    p = p * f + 1.0 / 5040.0;
    p = p * f + 1.0 / 720.0;
    p = p * f + 1.0 / 120.0;
    p = p * f + 1.0 / 24.0;
    p = p * f + 1.0 / 6.0;
    p = p * f + 0.5;
    p = p * f + 1.0;
    p = p * f + 1.0;
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(p) + (std::bit_cast<std::uint64_t>(shifted) << 52));
}

// Of a value that is normal in double precision, as every float is.
WARPSMITH_INLINE double log2_of(double x) {
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
    // Subtracting the bits of sqrt(1/2) puts the mantissa into [sqrt(1/2), sqrt(2)).
    const std::uint64_t offset = bits - 0x3FE6A09E667F3BCD;
    const std::uint64_t exponent = (offset >> 52) & 0xFFF;
    const double m = std::bit_cast<double>(bits - (exponent << 52));
    const double n = std::bit_cast<double>(((exponent ^ 0x800) & 0xFFF) | 0x4330000000000000) - (0x1p52 + 2048.0);
    const double s = (m - 1.0) / (m + 1.0), t = s * s;
    double p = 1.0 / 21.0;  // the series of artanh: |s| <= 0.172
    p = p * t + 1.0 / 19.0;
    p = p * t + 1.0 / 17.0;
    p = p * t + 1.0 / 15.0;
    p = p * t + 1.0 / 13.0;
    p = p * t + 1.0 / 11.0;
    p = p * t + 1.0 / 9.0;
    p = p * t + 1.0 / 7.0;
    p = p * t + 1.0 / 5.0;
    p = p * t + 1.0 / 3.0;
    p = p * t + 1.0;
    const double logarithm = n + 2.0 * 0x1.71547652b82fep0 * s * p;  // 1 / ln 2
    const double infinity = std::bit_cast<double>(std::uint64_t{0x7FF0000000000000});
    const double special = choose_double(x == 0.0, -infinity, choose_double(x > 0.0, x, x - x));  // inf, NaN
    const double nan = std::bit_cast<double>(std::uint64_t{0x7FF8000000000000});
    return choose_double(x > 0.0 && x < infinity, logarithm, choose_double(x < 0.0, nan, special));
}

WARPSMITH_INLINE double tanh_of(double x) {
    const double magnitude = std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & 0x7FFFFFFFFFFFFFFF);
    const double large = 1.0 - 2.0 / (exp2_of(magnitude * (2.0 * 0x1.71547652b82fep0)) + 1.0);
    const double t = x * x;  // below 1/16 the difference above would cancel
    const double small =
        magnitude * (1.0 + t * (-1.0 / 3.0 + t * (2.0 / 15.0 + t * (-17.0 / 315.0 + t * (62.0 / 2835.0)))));
    const double result = choose_double(magnitude < 0.0625, small, large);
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(result) |
                                 (std::bit_cast<std::uint64_t>(x) & 0x8000000000000000));
}

}  // namespace warpsmith::emulator
