#include "templates/dtype.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

// A binary floating-point format: significand bits with the hidden one, and the exponents of its normal numbers.
struct Format {
    DType dtype;
    std::string_view name, cuda_type;
    std::size_t bytes;
    int precision, min_exponent, max_exponent;
};

constexpr Format kFormats[] = {
    {DType::f32, "f32", "float", 4, 24, -126, 127},
    {DType::f16, "f16", "__half", 2, 11, -14, 15},
    {DType::bf16, "bf16", "__nv_bfloat16", 2, 8, -126, 127},
    {DType::i32, "i32", "int", 4, 31, 0, 31},  // of tensors that count; no workload's
};

const Format& format(DType dtype) {
    for (const Format& candidate : kFormats) {
        if (candidate.dtype == dtype) {
            return candidate;
        }
    }
    throw Error("looking up a dtype: value " + std::to_string(static_cast<int>(dtype)) + " is none; this is a bug");
}

// The bits of a value that is exactly representable in a 16-bit format.
std::uint16_t to_bits16(const Format& f, double value) {
    std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    int fraction_bits = f.precision - 1;
    int bias = f.max_exponent;
    auto exponent_field = [&](int biased) { return static_cast<std::uint16_t>(biased << fraction_bits); };
    if (std::isnan(value)) {
        return static_cast<std::uint16_t>(sign | 0x7fff);
    }
    double magnitude = std::fabs(value);
    if (std::isinf(value)) {
        return static_cast<std::uint16_t>(sign | exponent_field(2 * bias + 1));
    }
    if (magnitude == 0) {
        return sign;
    }
    int exponent = std::max(std::ilogb(magnitude), f.min_exponent);
    auto significand = static_cast<std::uint32_t>(std::ldexp(magnitude, fraction_bits - exponent));
    bool normal = (significand >> fraction_bits) != 0;
    std::uint32_t fraction = significand & ((1U << fraction_bits) - 1);
    return static_cast<std::uint16_t>(sign | exponent_field(normal ? exponent + bias : 0) | fraction);
}

double from_bits16(const Format& f, std::uint16_t bits) {
    int fraction_bits = f.precision - 1;
    int exponent = (bits & 0x7fff) >> fraction_bits;
    int fraction = bits & ((1 << fraction_bits) - 1);
    double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if (exponent == 2 * f.max_exponent + 1) {
        return fraction != 0 ? std::numeric_limits<double>::quiet_NaN() : sign * HUGE_VAL;
    }
    if (exponent == 0) {
        return sign * std::ldexp(fraction, f.min_exponent - fraction_bits);
    }
    return sign * std::ldexp(fraction + (1 << fraction_bits), exponent - f.max_exponent - fraction_bits);
}

template <class Bits>
void store(std::byte* to, Bits bits) {
    std::memcpy(to, &bits, sizeof bits);
}

template <class Bits>
Bits load(const std::byte* from) {
    Bits bits;
    std::memcpy(&bits, from, sizeof bits);
    return bits;
}

}  // namespace

std::string_view name(DType dtype) {
    return format(dtype).name;
}
std::string_view cuda_type(DType dtype) {
    return format(dtype).cuda_type;
}
std::size_t size_bytes(DType dtype) {
    return format(dtype).bytes;
}

std::optional<DType> parse_dtype(std::string_view text) {
    for (const Format& candidate : kFormats) {
        if (candidate.name == text) {
            return candidate.dtype;
        }
    }
    return std::nullopt;
}

double round_to(DType dtype, double value) {
    if (dtype == DType::f32) {
        return static_cast<double>(static_cast<float>(value));
    }
    if (dtype == DType::i32) {
        return std::nearbyint(value);
    }
    const Format& f = format(dtype);
    if (value == 0 || !std::isfinite(value)) {
        return value;
    }
    // Below the normal range the spacing stays that of the smallest normal number.
    int exponent = std::max(std::ilogb(value), f.min_exponent);
    double spacing = std::ldexp(1.0, exponent - f.precision + 1);
    double rounded = std::nearbyint(value / spacing) * spacing;
    double largest = std::ldexp(2.0 - std::ldexp(1.0, 1 - f.precision), f.max_exponent);
    return std::fabs(rounded) > largest ? std::copysign(HUGE_VAL, value) : rounded;
}

std::vector<std::byte> encode(std::span<const double> values, DType dtype) {
    const Format& f = format(dtype);
    std::vector<std::byte> bytes(values.size() * f.bytes);
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::byte* to = bytes.data() + i * f.bytes;
        if (dtype == DType::f32) {
            store(to, static_cast<float>(values[i]));
        } else if (dtype == DType::i32) {
            store(to, static_cast<std::int32_t>(std::nearbyint(values[i])));
        } else {
            store(to, to_bits16(f, round_to(dtype, values[i])));
        }
    }
    return bytes;
}

std::vector<double> decode(std::span<const std::byte> bytes, DType dtype) {
    const Format& f = format(dtype);
    std::vector<double> values(bytes.size() / f.bytes);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::byte* from = bytes.data() + i * f.bytes;
        values[i] = dtype == DType::f32   ? static_cast<double>(load<float>(from))
                    : dtype == DType::i32 ? load<std::int32_t>(from)
                                          : from_bits16(f, load<std::uint16_t>(from));
    }
    return values;
}

}  // namespace warpsmith
