// Double-precision arithmetic. Rounding to the nearest is the processor's own; the other modes switch the processor's
// mode around each operation, which is slow and rare.
#include <array>
#include <cfenv>
#include <cmath>
#include <limits>

#include "device/emulator/float_row.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

// NaNs keep sign and payload and become quiet, as on GPUs; of two NaNs the second is the result (seen on an H200), of a
// quotient the first, as this processor has it anyway.
WARPSMITH_INLINE double quiet(double nan) {
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(nan) | 0x0008000000000000);
}
struct Add {
    WARPSMITH_INLINE double apply(double a, double b) { return b == b ? a + b : quiet(b); }
};
struct Subtract {
    WARPSMITH_INLINE double apply(double a, double b) { return b == b ? a - b : quiet(b); }
};
struct Multiply {
    WARPSMITH_INLINE double apply(double a, double b) { return b == b ? a * b : quiet(b); }
};
struct FusedMultiplyAdd {
    WARPSMITH_INLINE double apply(double a, double b, double c) { return std::fma(a, b, c); }
};
struct Divide {
    WARPSMITH_INLINE double apply(double a, double b) { return a / b; }
};
struct Reciprocal {
    WARPSMITH_INLINE double apply(double a) { return 1.0 / a; }
};
struct SquareRoot {
    WARPSMITH_INLINE double apply(double a) { return std::sqrt(a); }
};
struct Negate {
    WARPSMITH_INLINE double apply(double a) { return a == a ? -a : quiet(a); }
};
struct Absolute {
    WARPSMITH_INLINE double apply(double a) { return a == a ? std::fabs(a) : quiet(a); }
};
struct CopySign {
    WARPSMITH_INLINE double apply(double a, double b) { return std::copysign(b, a); }
};
struct Minimum {
    WARPSMITH_INLINE double apply(double a, double b) {
        if (a == b) {
            return std::signbit(a) ? a : b;
        }
        if (!(a == a) && !(b == b)) {
            return quiet(b);
        }
        return a < b || !(b == b) ? a : b;
    }
};
struct Maximum {
    WARPSMITH_INLINE double apply(double a, double b) {
        if (a == b) {
            return std::signbit(a) ? b : a;
        }
        if (!(a == a) && !(b == b)) {
            return quiet(b);
        }
        return a > b || !(b == b) ? a : b;
    }
};

// rcp.approx.ftz.f64 and rsqrt.approx.ftz.f64 keep the high 32 bits only and flush.
WARPSMITH_INLINE double high_word(double x) {
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & 0xFFFFFFFF00000000);
}
WARPSMITH_INLINE double flushed(double x) {
    return std::fabs(x) < std::numeric_limits<double>::min() ? std::copysign(0.0, x) : x;
}
struct CoarseReciprocal {
    WARPSMITH_INLINE double apply(double a) { return flushed(high_word(1.0 / flushed(high_word(a)))); }
};
struct ReciprocalRoot {
    WARPSMITH_INLINE double apply(double a) { return 1.0 / std::sqrt(a); }
};
struct CoarseReciprocalRoot {
    WARPSMITH_INLINE double apply(double a) { return high_word(1.0 / std::sqrt(flushed(high_word(a)))); }
};

constexpr int kModes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};

// The operands pass through volatile variables: the compiler must not move the arithmetic out of the mode.
template <class Op, int mode, int operands>
void map_directed(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    const double* const a = warp.source<double>(instruction.a);
    const double* const b = warp.source<double>(instruction.b);
    const double* const c = warp.source<double>(instruction.c);
    double* const target = warp.target<double>(instruction.dst);
    std::fesetround(kModes[mode]);
    for_each_lane(lanes, [&](unsigned lane) {
        volatile double x = a[lane], y = b[lane], z = c[lane];
        volatile double result;
        if constexpr (operands == 1) {
            result = Op::apply(x);
        } else if constexpr (operands == 2) {
            result = Op::apply(x, y);
        } else {
            result = Op::apply(x, y, z);
        }
        target[lane] = result;
    });
    std::fesetround(FE_TONEAREST);
}

constexpr std::uint32_t kRoundings[] = {kRn, kRz, kRm, kRp};

template <class Op, int operands, int mode>
constexpr FloatRow directed(std::string_view name, Class count_as) {
    return {
        name, kRoundings[mode], "f64", {"", map_directed<Op, mode, operands>, count_as, operands, 64, {64, 64, 64}}};
}

template <class Op, int operands>
constexpr std::array<FloatRow, 3> directed_rows(std::string_view name, Class count_as = Class::f64) {
    return {directed<Op, operands, 1>(name, count_as), directed<Op, operands, 2>(name, count_as),
            directed<Op, operands, 3>(name, count_as)};
}

constexpr std::array<FloatRow, 19> kNearest = {
    binary<Add, double>("add", 0, "f64", Class::f64),
    binary<Add, double>("add", kRn, "f64", Class::f64),
    binary<Subtract, double>("sub", 0, "f64", Class::f64),
    binary<Subtract, double>("sub", kRn, "f64", Class::f64),
    binary<Multiply, double>("mul", 0, "f64", Class::f64),
    binary<Multiply, double>("mul", kRn, "f64", Class::f64),
    ternary<FusedMultiplyAdd, double>("fma", kRn, "f64", Class::f64),
    ternary<FusedMultiplyAdd, double>("mad", kRn, "f64", Class::f64),
    binary<Divide, double>("div", kRn, "f64", Class::special),
    unary<Reciprocal, double>("rcp", kRn, "f64", Class::special),
    unary<SquareRoot, double>("sqrt", kRn, "f64", Class::special),
    unary<Negate, double>("neg", 0, "f64", Class::f64),
    unary<Absolute, double>("abs", 0, "f64", Class::f64),
    binary<CopySign, double>("copysign", 0, "f64", Class::f64),
    binary<Minimum, double>("min", 0, "f64", Class::f64),
    binary<Maximum, double>("max", 0, "f64", Class::f64),
    unary<CoarseReciprocal, double>("rcp", kApprox | kFtz, "f64", Class::special),
    unary<ReciprocalRoot, double>("rsqrt", kApprox, "f64", Class::special),
    unary<CoarseReciprocalRoot, double>("rsqrt", kApprox | kFtz, "f64", Class::special),
};

constexpr auto kFloat64Rows =
    joined(kNearest, directed_rows<Add, 2>("add"), directed_rows<Subtract, 2>("sub"), directed_rows<Multiply, 2>("mul"),
           directed_rows<FusedMultiplyAdd, 3>("fma"), directed_rows<FusedMultiplyAdd, 3>("mad"),
           directed_rows<Divide, 2>("div", Class::special), directed_rows<Reciprocal, 1>("rcp", Class::special),
           directed_rows<SquareRoot, 1>("sqrt", Class::special));

}  // namespace

std::span<const FloatRow> float64_rows() {
    return kFloat64Rows;
}

}  // namespace warpsmith::emulator
