#include "tests/conformance/float_format.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "solver/error.hpp"

namespace warpsmith::conformance {
namespace {

static_assert(std::numeric_limits<long double>::digits >= 64, "a long double holds 64-bit integers");

constexpr FloatFormat kFormats[] = {
    {"f16", 5, 10, true, 0x7FFF},
    {"bf16", 8, 7, true, 0x7FFF},
    {"f32", 8, 23, true, 0x7FFFFFFF},
    {"f64", 11, 52, true, 0x7FFFFFFFFFFFFFFF},
    {"tf32", 8, 10, true, 0x7FFFFFFF, 13},
    {"e4m3", 4, 3, false, 0x7F},
    {"e5m2", 5, 2, true, 0x7F},
};

const FloatFormat* find_format(std::string_view type) {
    if (type.ends_with("x2")) {
        type.remove_suffix(2);
    }
    for (const FloatFormat& format : kFormats) {
        if (format.name == type) {
            return &format;
        }
    }
    return nullptr;
}

std::uint64_t mantissa_mask(const FloatFormat& format) {
    return (std::uint64_t{1} << format.mantissa) - 1;
}
std::uint64_t exponent_mask(const FloatFormat& format) {
    return (std::uint64_t{1} << format.exponent) - 1;
}
// The largest number's exponent field and mantissa: e4m3 uses the field of ones for numbers, but its last.
std::uint64_t largest_bits(const FloatFormat& format) {
    const std::uint64_t ones = (exponent_mask(format) << format.mantissa) | mantissa_mask(format);
    return format.has_infinity ? ((exponent_mask(format) - 1) << format.mantissa) | mantissa_mask(format) : ones - 1;
}

}  // namespace

const FloatFormat& format_of(std::string_view type) {
    const FloatFormat* format = find_format(type);
    if (format == nullptr) {
        throw Error("looking up a floating-point format: there is no '" + std::string(type) + "'");
    }
    return *format;
}

bool is_float(std::string_view type) {
    return find_format(type) != nullptr;
}

bool is_nan(const FloatFormat& format, std::uint64_t bits) {
    const std::uint64_t value = (bits & (format.sign() - 1)) >> format.hidden;
    return format.has_infinity ? value > (exponent_mask(format) << format.mantissa) : value > largest_bits(format);
}

bool is_subnormal(const FloatFormat& format, std::uint64_t bits) {
    const std::uint64_t value = bits & (format.sign() - 1);
    return value != 0 && value < (std::uint64_t{1} << (format.mantissa + format.hidden));
}

long double decoded(const FloatFormat& format, std::uint64_t bits) {
    const std::uint64_t value = (bits & (format.sign() - 1)) >> format.hidden;
    const std::uint64_t mantissa = value & mantissa_mask(format), exponent = value >> format.mantissa;
    long double magnitude = 0;
    if (is_nan(format, bits)) {
        return std::numeric_limits<long double>::quiet_NaN();
    }
    if (format.has_infinity && exponent == exponent_mask(format)) {
        magnitude = std::numeric_limits<long double>::infinity();
    } else if (exponent == 0) {
        magnitude =
            std::scalbn(static_cast<long double>(mantissa), 1 - format.bias() - static_cast<int>(format.mantissa));
    } else {
        const std::uint64_t significand = mantissa | (std::uint64_t{1} << format.mantissa);
        magnitude = std::scalbn(static_cast<long double>(significand),
                                static_cast<int>(exponent) - format.bias() - static_cast<int>(format.mantissa));
    }
    return (bits & format.sign()) != 0 ? -magnitude : magnitude;
}

long double rounded(long double value, RoundTo mode) {
    const long double below = std::floor(value), rest = value - below;
    switch (mode) {
        case RoundTo::zero:
            return std::trunc(value);
        case RoundTo::down:
            return below;
        case RoundTo::up:
            return std::ceil(value);
        case RoundTo::nearest_away:
            return std::round(value);
        case RoundTo::nearest:
            break;
    }
    const bool up = rest > 0.5L || (rest == 0.5L && std::fmod(below, 2.0L) != 0);
    return std::copysign(up ? below + 1 : below, value);
}

long double largest(const FloatFormat& format) {
    return decoded(format, largest_bits(format) << format.hidden);
}

std::uint64_t encoded(const FloatFormat& format, long double value, RoundTo mode, bool to_finite) {
    if (std::isnan(value)) {
        return format.nan;
    }
    const std::uint64_t sign = std::signbit(value) ? format.sign() : 0;
    const long double magnitude = std::fabs(value);
    if (magnitude == 0) {
        return sign;
    }
    const int lowest = 1 - format.bias();
    const int exponent = std::isinf(magnitude) ? 0 : std::max(std::ilogb(magnitude), lowest);
    const int unit = exponent - static_cast<int>(format.mantissa);  // of the last place
    const RoundTo outward = sign == 0               ? mode
                            : mode == RoundTo::up   ? RoundTo::down
                            : mode == RoundTo::down ? RoundTo::up
                                                    : mode;
    const long double result =
        std::isinf(magnitude) ? magnitude : std::scalbn(rounded(std::scalbn(magnitude, -unit), outward), unit);
    if (result > largest(format)) {
        const bool stays =
            to_finite || (!std::isinf(magnitude) && (outward == RoundTo::zero || outward == RoundTo::down));
        const std::uint64_t infinity = exponent_mask(format) << format.mantissa;
        return sign | ((stays ? largest_bits(format) : infinity) << format.hidden);
    }
    if (result == 0) {
        return sign;
    }
    const int final_exponent = std::max(std::ilogb(result), lowest);
    const std::uint64_t significand =
        static_cast<std::uint64_t>(std::scalbn(result, static_cast<int>(format.mantissa) - final_exponent));
    const bool normal = (significand >> format.mantissa) != 0;
    const std::uint64_t field = normal ? static_cast<std::uint64_t>(final_exponent + format.bias()) : 0;
    return sign | (((field << format.mantissa) | (significand & mantissa_mask(format))) << format.hidden);
}

std::uint64_t flushed(const FloatFormat& format, std::uint64_t bits) {
    return is_subnormal(format, bits) ? bits & format.sign() : bits;
}

}  // namespace warpsmith::conformance
