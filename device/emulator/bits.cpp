// Operations on bits: logic, shifts, fields, counts and byte permutation.
#include <bit>
#include <limits>
#include <type_traits>

#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

template <class T>
constexpr u32 kWidth = 8 * sizeof(T);

struct And {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        return static_cast<T>(a & b);
    }
};
struct Or {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        return static_cast<T>(a | b);
    }
};
struct Xor {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b) {
        return static_cast<T>(a ^ b);
    }
};
struct Not {
    template <class T>
    WARPSMITH_INLINE T apply(T a) {
        return static_cast<T>(~a);
    }
};
struct IsZero {  // cnot
    template <class T>
    WARPSMITH_INLINE T apply(T a) {
        return a == 0 ? 1 : 0;
    }
};

// A shift by the width or more shifts everything out.
struct ShiftLeft {
    template <class T>
    WARPSMITH_INLINE T apply(T a, u32 b) {
        const T shifted = static_cast<T>(u64{a} << (b & (kWidth<T> - 1)));
        return b < kWidth<T> ? shifted : T{0};
    }
};
struct ShiftRight {
    template <class T>
    WARPSMITH_INLINE T apply(T a, u32 b) {
        const u32 amount = b < kWidth<T> ? b : kWidth<T> - 1;
        const T beyond = std::is_signed_v<T> ? static_cast<T>(a >> (kWidth<T> - 1)) : T{0};
        return b < kWidth<T> ? static_cast<T>(a >> amount) : beyond;
    }
};

// The high or low word of the pair {b, a} shifted; the amount clamps to 32 or wraps.
template <bool left, bool wraps>
struct Funnel {
    WARPSMITH_INLINE u32 apply(u32 a, u32 b, u32 c) {
        const u32 amount = wraps ? c & 31 : (c < 32 ? c : 32);
        const u64 pair = u64{b} << 32 | a;
        return static_cast<u32>(left ? pair << amount >> 32 : pair >> amount);
    }
};

template <class T>
WARPSMITH_INLINE std::make_unsigned_t<T> low_ones(u32 count) {
    using U = std::make_unsigned_t<T>;
    return count >= kWidth<T> ? static_cast<U>(~U{0}) : static_cast<U>((U{1} << count) - 1);
}

// Position and length are one byte each; a signed field repeats its highest bit that exists.
struct ExtractField {
    template <class T>
    WARPSMITH_INLINE T apply(T a, u32 b, u32 c) {
        using U = std::make_unsigned_t<T>;
        const u32 position = b & 0xFF, length = c & 0xFF, width = kWidth<T>;
        const U bits = position < width ? static_cast<U>(static_cast<U>(a) >> (position & (width - 1))) : U{0};
        const u32 end = position + length - 1;
        const u32 top = end < width - 1 ? end : width - 1;
        const bool negative = std::is_signed_v<T> && length != 0 && (static_cast<U>(a) >> (top & (width - 1)) & 1) != 0;
        const u32 room = position < width ? width - position : 0;
        const U keep = low_ones<T>(length < room ? length : room);
        return static_cast<T>((bits & keep) | (negative ? static_cast<U>(~keep) : U{0}));
    }
};
struct InsertField {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b, u32 c, u32 d) {
        const u32 position = c & 0xFF, length = d & 0xFF;
        if (position >= kWidth<T>) {
            return b;
        }
        const T mask = static_cast<T>(low_ones<T>(length) << position);
        return static_cast<T>((b & ~mask) | (static_cast<T>(a << position) & mask));
    }
};

struct CountOnes {
    template <class T>
    WARPSMITH_INLINE u32 apply(T a) {
        return static_cast<u32>(std::popcount(a));
    }
};
struct CountLeadingZeros {
    template <class T>
    WARPSMITH_INLINE u32 apply(T a) {
        return static_cast<u32>(std::countl_zero(a));
    }
};
struct Reverse {
    WARPSMITH_INLINE u32 apply(u32 a) {
        a = (a >> 1 & 0x55555555) | (a & 0x55555555) << 1;
        a = (a >> 2 & 0x33333333) | (a & 0x33333333) << 2;
        a = (a >> 4 & 0x0F0F0F0F) | (a & 0x0F0F0F0F) << 4;
        return __builtin_bswap32(a);
    }
    WARPSMITH_INLINE u64 apply(u64 a) {
        return u64{apply(static_cast<u32>(a))} << 32 | apply(static_cast<u32>(a >> 32));
    }
};

// Position of the highest bit that differs from the sign, all ones when there is none.
template <bool as_shift>
struct FindHighest {
    template <class T>
    WARPSMITH_INLINE u32 apply(T a) {
        using U = std::make_unsigned_t<T>;
        const U bits = static_cast<U>(std::is_signed_v<T> && a < 0 ? ~a : a);
        const u32 zeros = static_cast<u32>(std::countl_zero(bits));
        return bits == 0 ? kAllLanes : as_shift ? zeros : kWidth<T> - 1 - zeros;
    }
};

template <bool wraps>
struct MakeMask {  // bmsk: c ones from bit b on
    WARPSMITH_INLINE u32 apply(u32 a, u32 b) {
        const u32 position = wraps ? a & 31 : (a < 32 ? a : 32), length = wraps ? b & 31 : (b < 32 ? b : 32);
        return static_cast<u32>(((u64{1} << length) - 1) << position);
    }
};

template <bool wraps>
struct ExtendSign {  // szext
    template <class T>
    WARPSMITH_INLINE T apply(T a, u32 b) {
        const u32 bits = wraps ? b & 31 : (b < 32 ? b : 32);
        const u32 kept = static_cast<u32>(a) & low_ones<u32>(bits);
        const bool negative = std::is_signed_v<T> && bits != 0 && (kept >> ((bits - 1) & 31) & 1) != 0;
        return static_cast<T>(negative ? kept | ~low_ones<u32>(bits) : kept);
    }
};

struct FindNthSet {  // fns: the c-th set bit from b on, upwards or downwards
    WARPSMITH_INLINE u32 apply(u32 a, u32 b, s32 c) {
        const s32 step = c < 0 ? -1 : 1;
        s32 wanted = c < 0 ? -c : c;
        if (c == 0) {
            return (a >> (b & 31) & 1) != 0 ? b : kAllLanes;
        }
        for (s32 bit = static_cast<s32>(b); bit >= 0 && bit < 32; bit += step) {
            wanted -= static_cast<s32>(a >> bit & 1);
            if (wanted == 0) {
                return static_cast<u32>(bit);
            }
        }
        return kAllLanes;
    }
};

// Each nibble of the selector picks a byte of {b, a}; its high bit asks for the sign of that byte instead.
struct Permute {
    WARPSMITH_INLINE u32 apply(u32 a, u32 b, u32 selector) {
        const u64 pair = u64{b} << 32 | a;
        u32 result = 0;
        for (u32 i = 0; i < 4; ++i) {
            const u32 nibble = selector >> (4 * i);
            const u32 byte = static_cast<u32>(pair >> (8 * (nibble & 7))) & 0xFF;
            const u32 sign = (byte & 0x80) != 0 ? 0xFF : 0;
            result |= ((nibble & 8) != 0 ? sign : byte) << (8 * i);
        }
        return result;
    }
};
// The modes of prmt with a name: which bytes, by the selector's low two bits.
template <u32 s0, u32 s1, u32 s2, u32 s3>
struct PermuteMode {
    WARPSMITH_INLINE u32 apply(u32 a, u32 b, u32 c) {
        constexpr u32 selectors[4] = {s0, s1, s2, s3};
        return Permute::apply(a, b, selectors[c & 3]);
    }
};

constexpr LaneRow kBitsRows[] = {
    same_two<And, u16>("and.b16"),
    same_two<And, u32>("and.b32"),
    same_two<And, u64>("and.b64"),
    same_two<Or, u16>("or.b16"),
    same_two<Or, u32>("or.b32"),
    same_two<Or, u64>("or.b64"),
    same_two<Xor, u16>("xor.b16"),
    same_two<Xor, u32>("xor.b32"),
    same_two<Xor, u64>("xor.b64"),
    same_one<Not, u16>("not.b16"),
    same_one<Not, u32>("not.b32"),
    same_one<Not, u64>("not.b64"),
    same_one<IsZero, u16>("cnot.b16"),
    same_one<IsZero, u32>("cnot.b32"),
    same_one<IsZero, u64>("cnot.b64"),
    lane_row<ShiftLeft, u16, u16, u32>("shl.b16"),
    lane_row<ShiftLeft, u32, u32, u32>("shl.b32"),
    lane_row<ShiftLeft, u64, u64, u32>("shl.b64"),
    lane_row<ShiftRight, u16, u16, u32>("shr.b16"),
    lane_row<ShiftRight, u32, u32, u32>("shr.b32"),
    lane_row<ShiftRight, u64, u64, u32>("shr.b64"),
    lane_row<ShiftRight, u16, u16, u32>("shr.u16"),
    lane_row<ShiftRight, u32, u32, u32>("shr.u32"),
    lane_row<ShiftRight, u64, u64, u32>("shr.u64"),
    lane_row<ShiftRight, s16, s16, u32>("shr.s16"),
    lane_row<ShiftRight, s32, s32, u32>("shr.s32"),
    lane_row<ShiftRight, s64, s64, u32>("shr.s64"),
    same_three<Funnel<true, true>, u32>("shf.l.wrap.b32"),
    same_three<Funnel<true, false>, u32>("shf.l.clamp.b32"),
    same_three<Funnel<false, true>, u32>("shf.r.wrap.b32"),
    same_three<Funnel<false, false>, u32>("shf.r.clamp.b32"),
    lane_row<ExtractField, u32, u32, u32, u32>("bfe.u32"),
    lane_row<ExtractField, s32, s32, u32, u32>("bfe.s32"),
    lane_row<ExtractField, u64, u64, u32, u32>("bfe.u64"),
    lane_row<ExtractField, s64, s64, u32, u32>("bfe.s64"),
    lane_row<InsertField, u32, u32, u32, u32, u32>("bfi.b32"),
    lane_row<InsertField, u64, u64, u64, u32, u32>("bfi.b64"),
    lane_row<CountOnes, u32, u32>("popc.b32"),
    lane_row<CountOnes, u32, u64>("popc.b64"),
    lane_row<CountLeadingZeros, u32, u32>("clz.b32"),
    lane_row<CountLeadingZeros, u32, u64>("clz.b64"),
    same_one<Reverse, u32>("brev.b32"),
    same_one<Reverse, u64>("brev.b64"),
    lane_row<FindHighest<false>, u32, u32>("bfind.u32"),
    lane_row<FindHighest<false>, u32, s32>("bfind.s32"),
    lane_row<FindHighest<false>, u32, u64>("bfind.u64"),
    lane_row<FindHighest<false>, u32, s64>("bfind.s64"),
    lane_row<FindHighest<true>, u32, u32>("bfind.shiftamt.u32"),
    lane_row<FindHighest<true>, u32, s32>("bfind.shiftamt.s32"),
    lane_row<FindHighest<true>, u32, u64>("bfind.shiftamt.u64"),
    lane_row<FindHighest<true>, u32, s64>("bfind.shiftamt.s64"),
    same_two<MakeMask<false>, u32>("bmsk.clamp.b32"),
    same_two<MakeMask<true>, u32>("bmsk.wrap.b32"),
    lane_row<ExtendSign<false>, u32, u32, u32>("szext.clamp.u32"),
    lane_row<ExtendSign<false>, s32, s32, u32>("szext.clamp.s32"),
    lane_row<ExtendSign<true>, u32, u32, u32>("szext.wrap.u32"),
    lane_row<ExtendSign<true>, s32, s32, u32>("szext.wrap.s32"),
    lane_row<FindNthSet, u32, u32, u32, s32>("fns.b32"),
    same_three<Permute, u32>("prmt.b32"),
    same_three<PermuteMode<0x3210, 0x4321, 0x5432, 0x6543>, u32>("prmt.b32.f4e"),
    same_three<PermuteMode<0x5670, 0x6701, 0x7012, 0x0123>, u32>("prmt.b32.b4e"),
    same_three<PermuteMode<0x0000, 0x1111, 0x2222, 0x3333>, u32>("prmt.b32.rc8"),
    same_three<PermuteMode<0x3210, 0x3211, 0x3222, 0x3333>, u32>("prmt.b32.ecl"),
    same_three<PermuteMode<0x0000, 0x1110, 0x2210, 0x3210>, u32>("prmt.b32.ecr"),
    same_three<PermuteMode<0x1010, 0x3232, 0x1010, 0x3232>, u32>("prmt.b32.rc16"),
};

}  // namespace

std::span<const LaneRow> bit_rows() {
    return kBitsRows;
}

}  // namespace warpsmith::emulator
