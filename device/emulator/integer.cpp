// Integer arithmetic.
#include <limits>
#include <type_traits>

#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

// Arithmetic wraps, so it is done unsigned, in a type that integer promotion does not make signed.
template <class T>
using Wrapping = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 s128;

// The type of twice the width, which holds any product.
template <class T>
struct Doubled;
template <>
struct Doubled<std::uint16_t> {
    using type = std::uint32_t;
};
template <>
struct Doubled<std::int16_t> {
    using type = std::int32_t;
};
template <>
struct Doubled<std::uint32_t> {
    using type = std::uint64_t;
};
template <>
struct Doubled<std::int32_t> {
    using type = std::int64_t;
};
template <>
struct Doubled<std::uint64_t> {
    using type = u128;
};
template <>
struct Doubled<std::int64_t> {
    using type = s128;
};
template <class T>
using Wide = typename Doubled<T>::type;

struct Add {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        return static_cast<T>(Wrapping<T>(a) + Wrapping<T>(b));
    }
};
struct Subtract {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        return static_cast<T>(Wrapping<T>(a) - Wrapping<T>(b));
    }
};
struct MultiplyLow {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        return static_cast<T>(Wrapping<T>(a) * Wrapping<T>(b));
    }
};
struct MultiplyHigh {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        return static_cast<T>((Wide<T>(a) * Wide<T>(b)) >> (8 * sizeof(T)));
    }
};
struct MultiplyWide {
    template <class T>
    WARPSMITH_INLINE Wide<T> apply(T a, T b) {
        return static_cast<Wide<T>>(Wide<T>(a) * Wide<T>(b));
    }
};
template <class Product>
struct ThenAdd {
    template <class T, class C>
    WARPSMITH_INLINE C apply(T a, T b, C c) {
        return Add::apply(static_cast<C>(Product::apply(a, b)), c);
    }
};

struct Clamp {  // to 32 bits signed, for .sat
    WARPSMITH_INLINE std::int32_t apply(std::int64_t value) {
        constexpr std::int64_t low = std::numeric_limits<std::int32_t>::min();
        constexpr std::int64_t high = std::numeric_limits<std::int32_t>::max();
        return static_cast<std::int32_t>(value < low ? low : value > high ? high : value);
    }
};
struct AddSaturating {
    WARPSMITH_INLINE std::int32_t apply(std::int32_t a, std::int32_t b) { return Clamp::apply(std::int64_t{a} + b); }
};
struct SubtractSaturating {
    WARPSMITH_INLINE std::int32_t apply(std::int32_t a, std::int32_t b) { return Clamp::apply(std::int64_t{a} - b); }
};
struct MultiplyHighAddSaturating {
    WARPSMITH_INLINE std::int32_t apply(std::int32_t a, std::int32_t b, std::int32_t c) {
        return Clamp::apply(std::int64_t{MultiplyHigh::apply(a, b)} + c);
    }
};

// Division by zero gives all ones, the remainder too, as GPUs do; the one signed quotient that overflows wraps.
struct Divide {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        if (b == 0) {
            return static_cast<T>(-1);
        }
        if (std::is_signed_v<T> && b == static_cast<T>(-1)) {
            return Subtract::apply(T{0}, a);
        }
        return static_cast<T>(a / b);
    }
};
struct Remainder {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        if (b == 0) {
            return static_cast<T>(-1);
        }
        if (std::is_signed_v<T> && b == static_cast<T>(-1)) {
            return 0;
        }
        return static_cast<T>(a % b);
    }
};

struct Minimum {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        return a < b ? a : b;
    }
};
struct Maximum {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        return a > b ? a : b;
    }
};
template <class Op>
struct NotNegative {  // .relu
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        return Maximum::apply(Op::apply(a, b), T{0});
    }
};
template <class Op, class Half>
struct InHalves {  // of 32 bits
    WARPSMITH_INLINE std::uint32_t apply(std::uint32_t a, std::uint32_t b) {
        const Half low = Op::apply(static_cast<Half>(a), static_cast<Half>(b));
        const Half high = Op::apply(static_cast<Half>(a >> 16), static_cast<Half>(b >> 16));
        return static_cast<std::uint16_t>(low) | static_cast<std::uint32_t>(static_cast<std::uint16_t>(high)) << 16;
    }
};
struct Negate {
    template <class T>
    WARPSMITH_INLINE T apply(T a) {
        return Subtract::apply(T{0}, a);
    }
};
struct Absolute {
    template <class T>
    WARPSMITH_INLINE T apply(T a) {
        return a < 0 ? Negate::apply(a) : a;
    }
};
struct AbsoluteDifferenceAdd {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b, T c) {
        return Add::apply(c, a < b ? Subtract::apply(b, a) : Subtract::apply(a, b));
    }
};

// 24-bit operands, kept for old PTX: the bits above are dropped or are copies of the sign.
template <bool high>
struct Multiply24 {
    WARPSMITH_INLINE std::int32_t apply(std::int32_t a, std::int32_t b) {
        const std::int64_t product = std::int64_t{static_cast<std::int32_t>(Wrapping<int>(a) << 8) >> 8} *
                                     (static_cast<std::int32_t>(Wrapping<int>(b) << 8) >> 8);
        return static_cast<std::int32_t>(high ? product >> 16 : product);
    }
    WARPSMITH_INLINE std::uint32_t apply(std::uint32_t a, std::uint32_t b) {
        const std::uint64_t product = std::uint64_t{a & 0xFFFFFF} * (b & 0xFFFFFF);
        return static_cast<std::uint32_t>(high ? product >> 16 : product);
    }
};
struct Multiply24AddSaturating {
    WARPSMITH_INLINE std::int32_t apply(std::int32_t a, std::int32_t b, std::int32_t c) {
        return Clamp::apply(std::int64_t{Multiply24<true>::apply(a, b)} + c);
    }
};

constexpr LaneRow kIntegerRows[] = {
    same_two<Add, u16>("add.u16"),
    same_two<Add, u16>("add.s16"),
    same_two<Add, u32>("add.u32"),
    same_two<Add, u32>("add.s32"),
    same_two<Add, u64>("add.u64"),
    same_two<Add, u64>("add.s64"),
    same_two<InHalves<Add, u16>, u32>("add.u16x2"),
    same_two<InHalves<Add, s16>, u32>("add.s16x2"),
    same_two<AddSaturating, s32>("add.sat.s32"),
    same_two<Subtract, u16>("sub.u16"),
    same_two<Subtract, u16>("sub.s16"),
    same_two<Subtract, u32>("sub.u32"),
    same_two<Subtract, u32>("sub.s32"),
    same_two<Subtract, u64>("sub.u64"),
    same_two<Subtract, u64>("sub.s64"),
    same_two<SubtractSaturating, s32>("sub.sat.s32"),
    same_two<MultiplyLow, u16>("mul.lo.u16"),
    same_two<MultiplyLow, u16>("mul.lo.s16"),
    same_two<MultiplyLow, u32>("mul.lo.u32"),
    same_two<MultiplyLow, u32>("mul.lo.s32"),
    same_two<MultiplyLow, u64>("mul.lo.u64"),
    same_two<MultiplyLow, u64>("mul.lo.s64"),
    same_two<MultiplyHigh, u16>("mul.hi.u16"),
    same_two<MultiplyHigh, s16>("mul.hi.s16"),
    same_two<MultiplyHigh, u32>("mul.hi.u32"),
    same_two<MultiplyHigh, s32>("mul.hi.s32"),
    same_two<MultiplyHigh, u64>("mul.hi.u64"),
    same_two<MultiplyHigh, s64>("mul.hi.s64"),
    lane_row<MultiplyWide, u32, u16, u16>("mul.wide.u16"),
    lane_row<MultiplyWide, s32, s16, s16>("mul.wide.s16"),
    lane_row<MultiplyWide, u64, u32, u32>("mul.wide.u32"),
    lane_row<MultiplyWide, s64, s32, s32>("mul.wide.s32"),
    same_two<Multiply24<false>, u32>("mul24.lo.u32"),
    same_two<Multiply24<false>, s32>("mul24.lo.s32"),
    same_two<Multiply24<true>, u32>("mul24.hi.u32"),
    same_two<Multiply24<true>, s32>("mul24.hi.s32"),
    same_three<ThenAdd<MultiplyLow>, u16>("mad.lo.u16"),
    same_three<ThenAdd<MultiplyLow>, u16>("mad.lo.s16"),
    same_three<ThenAdd<MultiplyLow>, u32>("mad.lo.u32"),
    same_three<ThenAdd<MultiplyLow>, u32>("mad.lo.s32"),
    same_three<ThenAdd<MultiplyLow>, u64>("mad.lo.u64"),
    same_three<ThenAdd<MultiplyLow>, u64>("mad.lo.s64"),
    same_three<ThenAdd<MultiplyHigh>, u16>("mad.hi.u16"),
    same_three<ThenAdd<MultiplyHigh>, s16>("mad.hi.s16"),
    same_three<ThenAdd<MultiplyHigh>, u32>("mad.hi.u32"),
    same_three<ThenAdd<MultiplyHigh>, s32>("mad.hi.s32"),
    same_three<ThenAdd<MultiplyHigh>, u64>("mad.hi.u64"),
    same_three<ThenAdd<MultiplyHigh>, s64>("mad.hi.s64"),
    same_three<MultiplyHighAddSaturating, s32>("mad.hi.sat.s32"),
    lane_row<ThenAdd<MultiplyWide>, u32, u16, u16, u32>("mad.wide.u16"),
    lane_row<ThenAdd<MultiplyWide>, s32, s16, s16, s32>("mad.wide.s16"),
    lane_row<ThenAdd<MultiplyWide>, u64, u32, u32, u64>("mad.wide.u32"),
    lane_row<ThenAdd<MultiplyWide>, s64, s32, s32, s64>("mad.wide.s32"),
    same_three<ThenAdd<Multiply24<false>>, u32>("mad24.lo.u32"),
    same_three<ThenAdd<Multiply24<false>>, s32>("mad24.lo.s32"),
    same_three<ThenAdd<Multiply24<true>>, u32>("mad24.hi.u32"),
    same_three<ThenAdd<Multiply24<true>>, s32>("mad24.hi.s32"),
    same_three<Multiply24AddSaturating, s32>("mad24.hi.sat.s32"),
    same_two<Divide, u16>("div.u16"),
    same_two<Divide, s16>("div.s16"),
    same_two<Divide, u32>("div.u32"),
    same_two<Divide, s32>("div.s32"),
    same_two<Divide, u64>("div.u64"),
    same_two<Divide, s64>("div.s64"),
    same_two<Remainder, u16>("rem.u16"),
    same_two<Remainder, s16>("rem.s16"),
    same_two<Remainder, u32>("rem.u32"),
    same_two<Remainder, s32>("rem.s32"),
    same_two<Remainder, u64>("rem.u64"),
    same_two<Remainder, s64>("rem.s64"),
    same_two<Minimum, u16>("min.u16"),
    same_two<Minimum, s16>("min.s16"),
    same_two<Minimum, u32>("min.u32"),
    same_two<Minimum, s32>("min.s32"),
    same_two<Minimum, u64>("min.u64"),
    same_two<Minimum, s64>("min.s64"),
    same_two<InHalves<Minimum, u16>, u32>("min.u16x2"),
    same_two<InHalves<Minimum, s16>, u32>("min.s16x2"),
    same_two<NotNegative<Minimum>, s32>("min.relu.s32"),
    same_two<InHalves<NotNegative<Minimum>, s16>, u32>("min.relu.s16x2"),
    same_two<Maximum, u16>("max.u16"),
    same_two<Maximum, s16>("max.s16"),
    same_two<Maximum, u32>("max.u32"),
    same_two<Maximum, s32>("max.s32"),
    same_two<Maximum, u64>("max.u64"),
    same_two<Maximum, s64>("max.s64"),
    same_two<InHalves<Maximum, u16>, u32>("max.u16x2"),
    same_two<InHalves<Maximum, s16>, u32>("max.s16x2"),
    same_two<NotNegative<Maximum>, s32>("max.relu.s32"),
    same_two<InHalves<NotNegative<Maximum>, s16>, u32>("max.relu.s16x2"),
    same_one<Negate, u16>("neg.s16"),
    same_one<Negate, u32>("neg.s32"),
    same_one<Negate, u64>("neg.s64"),
    same_one<Absolute, s16>("abs.s16"),
    same_one<Absolute, s32>("abs.s32"),
    same_one<Absolute, s64>("abs.s64"),
    same_three<AbsoluteDifferenceAdd, u16>("sad.u16"),
    same_three<AbsoluteDifferenceAdd, s16>("sad.s16"),
    same_three<AbsoluteDifferenceAdd, u32>("sad.u32"),
    same_three<AbsoluteDifferenceAdd, s32>("sad.s32"),
    same_three<AbsoluteDifferenceAdd, u64>("sad.u64"),
    same_three<AbsoluteDifferenceAdd, s64>("sad.s64"),
};

}  // namespace

std::span<const LaneRow> integer_rows() {
    return kIntegerRows;
}

}  // namespace warpsmith::emulator
