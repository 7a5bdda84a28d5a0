// Arithmetic of f16 and bf16, packed or not: in single precision, or wider where that would round twice.
//
// A sum, difference or product of two halves rounded to 24 bits and then to 11 or 8 is rounded correctly, for 24 is at
// least twice 11 plus 2. A fused multiply-add is not: it goes through a double rounded to odd.
#include <array>

#include "device/emulator/float_row.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/rounding.hpp"

namespace warpsmith::emulator {
namespace {

struct Add {
    WARPSMITH_INLINE float apply(float a, float b) { return a + b; }
};
struct Subtract {
    WARPSMITH_INLINE float apply(float a, float b) { return a - b; }
};
struct Multiply {
    WARPSMITH_INLINE float apply(float a, float b) { return a * b; }
};
struct FusedMultiplyAdd {
    WARPSMITH_INLINE float apply(float a, float b, float c) { return fused_to_odd(a, b, c); }
};
struct Minimum {
    WARPSMITH_INLINE float apply(float a, float b) {
        const std::uint32_t sign = std::bit_cast<std::uint32_t>(a) | std::bit_cast<std::uint32_t>(b);
        return choose(a == b, std::bit_cast<float>(sign), choose(a < b || !(b == b), a, b));
    }
};
struct Maximum {
    WARPSMITH_INLINE float apply(float a, float b) {
        const std::uint32_t sign = std::bit_cast<std::uint32_t>(a) & std::bit_cast<std::uint32_t>(b);
        return choose(a == b, std::bit_cast<float>(sign), choose(a > b || !(b == b), a, b));
    }
};
template <class Op>
struct OrNan {
    WARPSMITH_INLINE float apply(float a, float b) {
        return choose(a == a && b == b, Op::apply(a, b), std::bit_cast<float>(kFloatNaN));
    }
};
template <class Op>
struct XorSign {
    WARPSMITH_INLINE float apply(float a, float b) {
        const std::uint32_t sign = (std::bit_cast<std::uint32_t>(a) ^ std::bit_cast<std::uint32_t>(b)) & 0x80000000;
        const float magnitude = Op::apply(std::fabs(a), std::fabs(b));
        return std::bit_cast<float>((std::bit_cast<std::uint32_t>(magnitude) & 0x7FFFFFFF) | sign);
    }
};

// Subnormal halves are zeros with .ftz; only f16 has it, bf16 keeps its subnormals.
WARPSMITH_INLINE Float16 flush(Float16 x) {
    return {static_cast<std::uint16_t>((x.bits & 0x7C00) == 0 ? x.bits & 0x8000 : x.bits)};
}
WARPSMITH_INLINE BFloat16 flush(BFloat16 x) {
    return x;
}

template <class Op, class H, std::uint32_t flags>
struct OnHalves {
    WARPSMITH_INLINE float before(H x) { return widen((flags & kFtz) != 0 ? flush(x) : x); }
    WARPSMITH_INLINE float clamped(float x) {
        if ((flags & kSat) != 0) {
            return saturated(x);
        }
        return (flags & kRelu) != 0 ? choose(x < 0.0F || x == 0.0F, 0.0F, x) : x;  // a NaN stays one
    }
    WARPSMITH_INLINE H after(float x) {
        const H result = Narrow<H>::apply(clamped(x));
        return (flags & kFtz) != 0 ? flush(result) : result;
    }
    template <class... A>
    WARPSMITH_INLINE H apply(A... a) {
        return after(Op::apply(before(a)...));
    }
};

// A product with "out of bounds", the NaN that tensor copies fill with, is 0 whatever the other operands are.
template <class H, std::uint32_t flags>
struct FusedInBounds {
    WARPSMITH_INLINE H apply(H a, H b, H c) {
        const bool outside = a.bits == kHalfNaN || b.bits == kHalfNaN;
        const H result = OnHalves<FusedMultiplyAdd, H, flags>::apply(a, b, c);
        return {static_cast<std::uint16_t>(outside ? 0 : result.bits)};
    }
};

// `bits` as the result of an operation on x: a NaN is the canonical one.
template <class H>
WARPSMITH_INLINE H unless_nan(H x, std::uint32_t bits) {
    constexpr std::uint32_t infinity = std::is_same_v<H, Float16> ? 0x7C00 : 0x7F80;
    return {static_cast<std::uint16_t>((x.bits & 0x7FFFU) > infinity ? kHalfNaN : bits)};
}
template <class H>
struct NegateBits {
    WARPSMITH_INLINE H apply(H x) { return unless_nan(x, x.bits ^ 0x8000U); }
};
template <class H>
struct AbsoluteBits {
    WARPSMITH_INLINE H apply(H x) { return unless_nan(x, x.bits & 0x7FFFU); }
};
template <class Op, class H>
struct ThenFlush {
    WARPSMITH_INLINE H apply(H x) { return flush(Op::apply(x)); }
};

template <class H>
struct Names;
template <>
struct Names<Float16> {
    static constexpr std::string_view one = "f16", two = "f16x2";
};
template <>
struct Names<BFloat16> {
    static constexpr std::string_view one = "bf16", two = "bf16x2";
};

template <class Op, class H, std::uint32_t flags>
constexpr std::array<FloatRow, 2> two(std::string_view name, std::uint32_t more = 0) {
    return {binary<OnHalves<Op, H, flags>, H>(name, flags | more, Names<H>::one, Class::half),
            binary_pairs<OnHalves<Op, H, flags>, H>(name, flags | more, Names<H>::two, Class::half)};
}
template <class Op, class H, std::uint32_t flags>
constexpr std::array<FloatRow, 2> three(std::string_view name) {
    return {ternary<OnHalves<Op, H, flags>, H>(name, flags | kRn, Names<H>::one, Class::half),
            ternary_pairs<OnHalves<Op, H, flags>, H>(name, flags | kRn, Names<H>::two, Class::half)};
}
template <class H, std::uint32_t flags>
constexpr std::array<FloatRow, 2> in_bounds() {
    return {ternary<FusedInBounds<H, flags>, H>("fma", flags | kRn | kOob, Names<H>::one, Class::half),
            ternary_pairs<FusedInBounds<H, flags>, H>("fma", flags | kRn | kOob, Names<H>::two, Class::half)};
}
template <class Op, class H>
constexpr std::array<FloatRow, 2> one(std::string_view name, std::uint32_t flags) {
    return {unary<Op, H>(name, flags, Names<H>::one, Class::half),
            unary_pairs<Op, H>(name, flags, Names<H>::two, Class::half)};
}

template <class Op, class H>
constexpr auto arithmetic(std::string_view name) {
    return joined(two<Op, H, 0>(name), two<Op, H, 0>(name, kRn), two<Op, H, kFtz>(name), two<Op, H, kFtz>(name, kRn),
                  two<Op, H, kSat>(name), two<Op, H, kSat>(name, kRn), two<Op, H, kFtz | kSat>(name),
                  two<Op, H, kFtz | kSat>(name, kRn));
}

template <class H>
constexpr auto fused() {
    return joined(three<FusedMultiplyAdd, H, 0>("fma"), three<FusedMultiplyAdd, H, kFtz>("fma"),
                  three<FusedMultiplyAdd, H, kSat>("fma"), three<FusedMultiplyAdd, H, kFtz | kSat>("fma"),
                  three<FusedMultiplyAdd, H, kRelu>("fma"), three<FusedMultiplyAdd, H, kFtz | kRelu>("fma"),
                  in_bounds<H, 0>(), in_bounds<H, kRelu>());
}

template <class Op, class H>
constexpr auto extremes(std::string_view name) {
    return joined(two<Op, H, 0>(name), two<Op, H, kFtz>(name), two<OrNan<Op>, H, 0>(name, kNaN),
                  two<OrNan<Op>, H, kFtz>(name, kNaN), two<XorSign<Op>, H, 0>(name, kXorsignAbs),
                  two<XorSign<Op>, H, kFtz>(name, kXorsignAbs), two<XorSign<OrNan<Op>>, H, 0>(name, kNaN | kXorsignAbs),
                  two<XorSign<OrNan<Op>>, H, kFtz>(name, kNaN | kXorsignAbs));
}

template <class H>
constexpr auto signs() {
    return joined(one<NegateBits<H>, H>("neg", 0), one<AbsoluteBits<H>, H>("abs", 0),
                  one<ThenFlush<NegateBits<H>, H>, H>("neg", kFtz), one<ThenFlush<AbsoluteBits<H>, H>, H>("abs", kFtz));
}

template <class H>
constexpr auto all() {
    return joined(arithmetic<Add, H>("add"), arithmetic<Subtract, H>("sub"), arithmetic<Multiply, H>("mul"), fused<H>(),
                  extremes<Minimum, H>("min"), extremes<Maximum, H>("max"), signs<H>());
}

constexpr auto kHalfArithmeticRows = joined(all<Float16>(), all<BFloat16>());

}  // namespace

std::span<const FloatRow> half_rows() {
    return kHalfArithmeticRows;
}

}  // namespace warpsmith::emulator
