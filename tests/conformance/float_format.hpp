// Binary floating-point formats: from bits to a number and, rounded, back. Every number of every format, and every
// 64-bit integer, is a long double exactly.
#pragma once

#include <cstdint>
#include <string_view>

namespace warpsmith::conformance {

enum class RoundTo : std::uint8_t { nearest, nearest_away, zero, down, up };

struct FloatFormat {
    std::string_view name;
    unsigned exponent = 8, mantissa = 23;
    bool has_infinity = true;
    std::uint64_t nan = 0;  // the NaN that GPUs answer
    unsigned hidden = 0;    // low bits that are zero: tf32 lies in an f32
    unsigned width() const { return 1 + exponent + mantissa + hidden; }
    int bias() const { return (1 << (exponent - 1)) - 1; }
    std::uint64_t sign() const { return std::uint64_t{1} << (width() - 1); }
};
// Throws Error for a type that is no floating-point format.
const FloatFormat& format_of(std::string_view type);
bool is_float(std::string_view type);

bool is_nan(const FloatFormat& format, std::uint64_t bits);
bool is_subnormal(const FloatFormat& format, std::uint64_t bits);
long double decoded(const FloatFormat& format, std::uint64_t bits);
// `to_finite`: what is too large becomes the largest number, infinity too.
std::uint64_t encoded(const FloatFormat& format, long double value, RoundTo mode, bool to_finite = false);
// To a whole number.
long double rounded(long double value, RoundTo mode);
long double largest(const FloatFormat& format);

// Subnormal bits become zero of the same sign.
std::uint64_t flushed(const FloatFormat& format, std::uint64_t bits);

}  // namespace warpsmith::conformance
