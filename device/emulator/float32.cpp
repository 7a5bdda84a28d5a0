// Single-precision arithmetic: correctly rounded in every mode.
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
    WARPSMITH_INLINE float apply(float a, float b, float c) { return std::fma(a, b, c); }
};

template <Rounding mode>
struct AddDirected {
    WARPSMITH_INLINE float apply(float a, float b) { return rounded_sum<mode>(a, b); }
};
template <Rounding mode>
struct SubtractDirected {
    WARPSMITH_INLINE float apply(float a, float b) { return rounded_sum<mode>(a, -static_cast<double>(b)); }
};
template <Rounding mode>
struct MultiplyDirected {
    WARPSMITH_INLINE float apply(float a, float b) {
        return round_to_float<mode>(static_cast<double>(a) * static_cast<double>(b));
    }
};
template <Rounding mode>
struct FusedDirected {
    WARPSMITH_INLINE float apply(float a, float b, float c) {
        return rounded_sum<mode>(static_cast<double>(a) * static_cast<double>(b), c);
    }
};

// Op with flags: what PTX does to the operands before and to the result after.
template <class Op, std::uint32_t flags>
struct With {
    WARPSMITH_INLINE float before(float x) { return (flags & kFtz) != 0 ? flushed(x) : x; }
    WARPSMITH_INLINE float after(float x) {
        const float result = (flags & kFtz) != 0 ? flushed(x) : x;
        return (flags & kSat) != 0 ? saturated(result) : canonical(result);
    }
    template <class... A>
    WARPSMITH_INLINE float apply(A... a) {
        return after(Op::apply(before(a)...));
    }
};

// -0 is below +0, and a number wins over a NaN.
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
struct OrNan {  // .NaN: a NaN wins
    WARPSMITH_INLINE float apply(float a, float b) {
        return choose(a == a && b == b, Op::apply(a, b), std::bit_cast<float>(kFloatNaN));
    }
};
template <class Op>
struct XorSign {  // .xorsign.abs: of the magnitudes, with the product's sign
    WARPSMITH_INLINE float apply(float a, float b) {
        const std::uint32_t sign = (std::bit_cast<std::uint32_t>(a) ^ std::bit_cast<std::uint32_t>(b)) & 0x80000000;
        const float magnitude = Op::apply(std::fabs(a), std::fabs(b));
        return std::bit_cast<float>((std::bit_cast<std::uint32_t>(magnitude) & 0x7FFFFFFF) | sign);
    }
};
template <class Op>
struct OfThree {
    WARPSMITH_INLINE float apply(float a, float b, float c) { return Op::apply(Op::apply(a, b), c); }
};

template <bool flushes>
struct Negate {
    WARPSMITH_INLINE float apply(float a) { return canonical(flushes ? flushed(-a) : -a); }
};
template <bool flushes>
struct Absolute {
    WARPSMITH_INLINE float apply(float a) { return canonical(flushes ? flushed(std::fabs(a)) : std::fabs(a)); }
};
struct CopySign {  // of a to b
    WARPSMITH_INLINE float apply(float a, float b) { return std::copysign(b, a); }
};

template <class Op, std::uint32_t flags>
constexpr FloatRow two(std::string_view opcode, std::uint32_t rounding = 0) {
    return binary<With<Op, flags>, float>(opcode, rounding | flags, "f32", Class::f32);
}
template <class Op, std::uint32_t flags>
constexpr FloatRow three(std::string_view opcode, std::uint32_t rounding) {
    return ternary<With<Op, flags>, float>(opcode, rounding | flags, "f32", Class::f32);
}
// Without a rounding, an addition or multiplication rounds to the nearest.
template <class Op, template <Rounding> class Directed>
constexpr std::array<FloatRow, 20> arithmetic(std::string_view name) {
    return {
        two<Op, 0>(name),
        two<Op, kFtz>(name),
        two<Op, kSat>(name),
        two<Op, kFtz | kSat>(name),
        two<Op, 0>(name, kRn),
        two<Op, kFtz>(name, kRn),
        two<Op, kSat>(name, kRn),
        two<Op, kFtz | kSat>(name, kRn),
        two<Directed<Rounding::to_zero>, 0>(name, kRz),
        two<Directed<Rounding::to_zero>, kFtz>(name, kRz),
        two<Directed<Rounding::to_zero>, kSat>(name, kRz),
        two<Directed<Rounding::to_zero>, kFtz | kSat>(name, kRz),
        two<Directed<Rounding::down>, 0>(name, kRm),
        two<Directed<Rounding::down>, kFtz>(name, kRm),
        two<Directed<Rounding::down>, kSat>(name, kRm),
        two<Directed<Rounding::down>, kFtz | kSat>(name, kRm),
        two<Directed<Rounding::up>, 0>(name, kRp),
        two<Directed<Rounding::up>, kFtz>(name, kRp),
        two<Directed<Rounding::up>, kSat>(name, kRp),
        two<Directed<Rounding::up>, kFtz | kSat>(name, kRp),
    };
}

template <class Op>
constexpr std::array<FloatRow, 4> flagged(std::string_view name, std::uint32_t rounding) {
    return {three<Op, 0>(name, rounding), three<Op, kFtz>(name, rounding), three<Op, kSat>(name, rounding),
            three<Op, kFtz | kSat>(name, rounding)};
}

template <class Op>
constexpr std::array<FloatRow, 10> extremes(std::string_view name) {
    return {
        two<Op, 0>(name),
        two<Op, kFtz>(name),
        two<OrNan<Op>, 0>(name, kNaN),
        two<OrNan<Op>, kFtz>(name, kNaN),
        two<XorSign<Op>, 0>(name, kXorsignAbs),
        two<XorSign<Op>, kFtz>(name, kXorsignAbs),
        two<XorSign<OrNan<Op>>, 0>(name, kNaN | kXorsignAbs),
        two<XorSign<OrNan<Op>>, kFtz>(name, kNaN | kXorsignAbs),
        three<OfThree<Op>, 0>(name, 0),
        three<OfThree<OrNan<Op>>, 0>(name, kNaN),
    };
}

template <class Op>
constexpr std::array<FloatRow, 2> pairs(std::string_view name) {
    return {binary_pairs<With<Op, 0>, float>(name, kRn, "f32x2", Class::f32),
            binary_pairs<With<Op, kFtz>, float>(name, kRn | kFtz, "f32x2", Class::f32)};
}

constexpr std::array<FloatRow, 7> kOthers = {
    unary<Negate<false>, float>("neg", 0, "f32", Class::f32),
    unary<Negate<true>, float>("neg", kFtz, "f32", Class::f32),
    unary<Absolute<false>, float>("abs", 0, "f32", Class::f32),
    unary<Absolute<true>, float>("abs", kFtz, "f32", Class::f32),
    binary<CopySign, float>("copysign", 0, "f32", Class::f32),
    ternary_pairs<With<FusedMultiplyAdd, 0>, float>("fma", kRn, "f32x2", Class::f32),
    ternary_pairs<With<FusedMultiplyAdd, kFtz>, float>("fma", kRn | kFtz, "f32x2", Class::f32),
};

// mad is another name of fma since sm_20.
constexpr auto kFloat32Rows =
    joined(arithmetic<Add, AddDirected>("add"), arithmetic<Subtract, SubtractDirected>("sub"),
           arithmetic<Multiply, MultiplyDirected>("mul"), flagged<FusedMultiplyAdd>("fma", kRn),
           flagged<FusedDirected<Rounding::to_zero>>("fma", kRz), flagged<FusedDirected<Rounding::down>>("fma", kRm),
           flagged<FusedDirected<Rounding::up>>("fma", kRp), flagged<FusedMultiplyAdd>("mad", kRn),
           flagged<FusedDirected<Rounding::to_zero>>("mad", kRz), flagged<FusedDirected<Rounding::down>>("mad", kRm),
           flagged<FusedDirected<Rounding::up>>("mad", kRp), extremes<Minimum>("min"), extremes<Maximum>("max"),
           pairs<Add>("add"), pairs<Subtract>("sub"), pairs<Multiply>("mul"), kOthers);

}  // namespace

std::span<const FloatRow> float32_rows() {
    return kFloat32Rows;
}

}  // namespace warpsmith::emulator
