// Division, roots and the approximations of the special function unit.
//
// Approximations are computed in double precision and rounded once, so they are within the error that the PTX ISA
// documents for them, and closer to the truth than a GPU.
#include <array>
#include <cmath>

#include "device/emulator/float_row.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/rounding.hpp"
#include "device/emulator/transcendental.hpp"

namespace warpsmith::emulator {
namespace {

struct Divide {
    WARPSMITH_INLINE float apply(float a, float b) { return a / b; }
};
// Above 2^126 the reciprocal of a divisor is subnormal, which counts as zero (PTX ISA, div.approx).
struct DivideApproximately {
    WARPSMITH_INLINE float apply(float a, float b) {
        const std::uint32_t bits = std::bit_cast<std::uint32_t>(b), magnitude = bits & 0x7FFFFFFF;
        const bool vanishes = magnitude > 0x7E800000 && magnitude < 0x7F800000;
        return choose(vanishes, a * std::bit_cast<float>(bits & 0x80000000), a / b);
    }
};
struct Reciprocal {
    WARPSMITH_INLINE float apply(float a) { return 1.0F / a; }
};
struct SquareRoot {
    WARPSMITH_INLINE float apply(float a) { return std::sqrt(a); }
};
struct ReciprocalRoot {
    WARPSMITH_INLINE float apply(float a) { return static_cast<float>(1.0 / std::sqrt(static_cast<double>(a))); }
};
struct Exponential {
    WARPSMITH_INLINE float apply(float a) { return static_cast<float>(exp2_of(a)); }
};
struct Logarithm {
    WARPSMITH_INLINE float apply(float a) { return static_cast<float>(log2_of(a)); }
};
struct Tangent {
    WARPSMITH_INLINE float apply(float a) { return static_cast<float>(tanh_of(a)); }
};
struct Sine {
    WARPSMITH_INLINE float apply(float a) { return static_cast<float>(std::sin(static_cast<double>(a))); }
};
struct Cosine {
    WARPSMITH_INLINE float apply(float a) { return static_cast<float>(std::cos(static_cast<double>(a))); }
};

template <class Op, bool flushes>
struct Single {
    WARPSMITH_INLINE float before(float x) { return flushes ? flushed(x) : x; }
    template <class... A>
    WARPSMITH_INLINE float apply(A... a) {
        const float result = Op::apply(before(a)...);
        return canonical(flushes ? flushed(result) : result);
    }
};

// Quotients and roots in the other rounding modes. A quotient of floats rounded to 53 bits is corrected by the sign of
// its exact remainder, and so is a root; what remains is rounded to odd.
WARPSMITH_INLINE double quotient_to_odd(double a, double b) {
    const double q = a / b;
    const double remainder = std::fma(-q, b, a);
    const bool usable = std::isfinite(q) && q != 0.0;
    return usable ? to_odd(q, (remainder > 0) == (b > 0) ? std::fabs(remainder) : -std::fabs(remainder)) : q;
}
template <Rounding mode>
struct DivideDirected {
    WARPSMITH_INLINE float apply(float a, float b) { return round_to_float<mode>(quotient_to_odd(a, b)); }
};
// With .ftz a quotient that is subnormal before it is rounded becomes zero, as on GPUs (seen on an H200).
template <Rounding mode>
struct DivideDirectedFlushing {
    WARPSMITH_INLINE float apply(float a, float b) {
        const double quotient = quotient_to_odd(flushed(a), flushed(b));
        const float result = round_to_float<mode>(quotient);
        const std::uint32_t sign = std::bit_cast<std::uint32_t>(result) & 0x80000000;
        return canonical(choose(std::fabs(quotient) < 0x1p-126, std::bit_cast<float>(sign), result));
    }
};
template <Rounding mode>
struct ReciprocalDirected {
    WARPSMITH_INLINE float apply(float a) { return round_to_float<mode>(quotient_to_odd(1.0, a)); }
};
template <Rounding mode>
struct RootDirected {
    WARPSMITH_INLINE float apply(float a) {
        const double x = a, root = std::sqrt(x);
        return round_to_float<mode>(x > 0 && std::isfinite(x) ? to_odd(root, std::fma(-root, root, x)) : root);
    }
};

template <class Op, class H, bool flushes>
struct OnHalf {
    WARPSMITH_INLINE H apply(H a) { return Narrow<H>::apply(Single<Op, flushes>::apply(widen(a))); }
};

template <class Op>
constexpr std::array<FloatRow, 2> one(std::string_view name, std::uint32_t how) {
    return {unary<Single<Op, false>, float>(name, how, "f32", Class::special),
            unary<Single<Op, true>, float>(name, how | kFtz, "f32", Class::special)};
}
template <class Op>
constexpr std::array<FloatRow, 2> two(std::string_view name, std::uint32_t how) {
    return {binary<Single<Op, false>, float>(name, how, "f32", Class::special),
            binary<Single<Op, true>, float>(name, how | kFtz, "f32", Class::special)};
}
template <template <Rounding> class Op>
constexpr auto directed_one(std::string_view name) {
    return joined(one<Op<Rounding::to_zero>>(name, kRz), one<Op<Rounding::down>>(name, kRm),
                  one<Op<Rounding::up>>(name, kRp));
}
template <Rounding mode>
constexpr std::array<FloatRow, 2> directed_division(std::uint32_t how) {
    return {binary<Single<DivideDirected<mode>, false>, float>("div", how, "f32", Class::special),
            binary<DivideDirectedFlushing<mode>, float>("div", how | kFtz, "f32", Class::special)};
}
template <class Op, class H>
constexpr std::array<FloatRow, 4> halves(std::string_view name, std::string_view type, std::string_view packed) {
    return {unary<OnHalf<Op, H, false>, H>(name, kApprox, type, Class::special),
            unary<OnHalf<Op, H, true>, H>(name, kApprox | kFtz, type, Class::special),
            unary_pairs<OnHalf<Op, H, false>, H>(name, kApprox, packed, Class::special),
            unary_pairs<OnHalf<Op, H, true>, H>(name, kApprox | kFtz, packed, Class::special)};
}

constexpr auto kSpecialRows =
    joined(two<Divide>("div", kRn), two<DivideApproximately>("div", kApprox), two<Divide>("div", kFull),
           directed_division<Rounding::to_zero>(kRz), directed_division<Rounding::down>(kRm),
           directed_division<Rounding::up>(kRp), one<Reciprocal>("rcp", kRn), one<Reciprocal>("rcp", kApprox),
           directed_one<ReciprocalDirected>("rcp"), one<SquareRoot>("sqrt", kRn), one<SquareRoot>("sqrt", kApprox),
           directed_one<RootDirected>("sqrt"), one<ReciprocalRoot>("rsqrt", kApprox), one<Sine>("sin", kApprox),
           one<Cosine>("cos", kApprox), one<Logarithm>("lg2", kApprox), one<Exponential>("ex2", kApprox),
           one<Tangent>("tanh", kApprox), halves<Exponential, Float16>("ex2", "f16", "f16x2"),
           halves<Exponential, BFloat16>("ex2", "bf16", "bf16x2"), halves<Tangent, Float16>("tanh", "f16", "f16x2"),
           halves<Tangent, BFloat16>("tanh", "bf16", "bf16x2"));

}  // namespace

std::span<const FloatRow> special_rows() {
    return kSpecialRows;
}

}  // namespace warpsmith::emulator
