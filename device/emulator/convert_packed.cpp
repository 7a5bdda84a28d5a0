// cvt to and from registers that hold two values: f16x2, bf16x2, e4m3x2, e5m2x2.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/number_format.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/rounding.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

// Packed into Instruction::aux.
struct PackedConversion {
    Type to = Type::f16, from = Type::f32;  // of one element
    RoundMode mode = RoundMode::nearest_even;
    bool clips = false, saturates = false;

    u32 packed() const {
        return static_cast<u32>(to) | static_cast<u32>(from) << 8 | static_cast<u32>(mode) << 16 |
               (clips ? 1U << 20 : 0) | (saturates ? 1U << 21 : 0);
    }
    static PackedConversion of(u32 aux) {
        return {static_cast<Type>(aux & 0xFF), static_cast<Type>(aux >> 8 & 0xFF),
                static_cast<RoundMode>(aux >> 16 & 7), (aux >> 20 & 1) != 0, (aux >> 21 & 1) != 0};
    }
};

u64 convert_element(u64 bits, const PackedConversion& how) {
    double x = decode(*format_of(how.from), bits);
    x = how.clips && x <= 0 ? 0 : x;
    return encode(*format_of(how.to), x, 0, how.mode, how.saturates);
}

// Two f32 to one register: the first operand goes to the high half.
template <class D>
void pack_floats(Warp& warp, const Instruction& instruction, u32 lanes) {
    const PackedConversion how = PackedConversion::of(instruction.aux);
    const u32* const high = warp.source<u32>(instruction.a);
    const u32* const low = warp.source<u32>(instruction.b);
    D* const target = warp.target<D>(instruction.dst);
    const unsigned bits = 4 * sizeof(D);
    for_each_lane(lanes, [&](unsigned lane) {
        target[lane] = static_cast<D>(convert_element(high[lane], how) << bits | convert_element(low[lane], how));
    });
}

// Each half of one register to a half of another.
template <class D, class A>
void convert_halves(Warp& warp, const Instruction& instruction, u32 lanes) {
    const PackedConversion how = PackedConversion::of(instruction.aux);
    const A* const a = warp.source<A>(instruction.a);
    D* const target = warp.target<D>(instruction.dst);
    const unsigned to_bits = 4 * sizeof(D), from_bits = 4 * sizeof(A);
    for_each_lane(lanes, [&](unsigned lane) {
        const u64 mask = (u64{1} << from_bits) - 1, value = a[lane];
        const u64 high = convert_element(value >> from_bits, how), low = convert_element(value & mask, how);
        target[lane] = static_cast<D>(high << to_bits | low);
    });
}

template <class H>
struct PackNearest {
    WARPSMITH_INLINE u32 apply(float high, float low) {
        return static_cast<u32>(Narrow<H>::apply(high).bits) << 16 | Narrow<H>::apply(low).bits;
    }
};

// cvt.pack.sat: two integers clamped and joined, the first above the second; with a third operand its low bits come
// above both, and all go up by as much.
template <class T>
WARPSMITH_INLINE u32 clamped(s32 value) {
    constexpr s32 low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    return static_cast<std::make_unsigned_t<T>>(std::clamp(value, low, high));
}
template <class T>
struct PackIntegers {
    WARPSMITH_INLINE u32 apply(s32 a, s32 b) { return clamped<T>(a) << (8 * sizeof(T)) | clamped<T>(b); }
    WARPSMITH_INLINE u32 apply(s32 a, s32 b, u32 c) { return c << (16 * sizeof(T)) | apply(a, b); }
};
constexpr LaneRow kIntegerRows[] = {
    lane_row<PackIntegers<u16>, u32, s32, s32>("cvt.pack.sat.u16.s32", Class::convert),
    lane_row<PackIntegers<s16>, u32, s32, s32>("cvt.pack.sat.s16.s32", Class::convert),
    lane_row<PackIntegers<u8>, u32, s32, s32, u32>("cvt.pack.sat.u8.s32.b32", Class::convert),
    lane_row<PackIntegers<s8>, u32, s32, s32, u32>("cvt.pack.sat.s8.s32.b32", Class::convert),
};

struct PackedRow {
    Type to, from;  // as in the opcode
    Type to_element, from_element;
    Handler run;
    Handler nearest;  // vectorised, for .rn without more; null: none
};

constexpr PackedRow kConvertPackedRows[] = {
    {Type::f16x2, Type::f32, Type::f16, Type::f32, pack_floats<u32>, map_two<PackNearest<Float16>, u32, float, float>},
    {Type::bf16x2, Type::f32, Type::bf16, Type::f32, pack_floats<u32>,
     map_two<PackNearest<BFloat16>, u32, float, float>},
    {Type::e4m3x2, Type::f32, Type::e4m3, Type::f32, pack_floats<u16>, nullptr},
    {Type::e5m2x2, Type::f32, Type::e5m2, Type::f32, pack_floats<u16>, nullptr},
    {Type::e4m3x2, Type::f16x2, Type::e4m3, Type::f16, convert_halves<u16, u32>, nullptr},
    {Type::e5m2x2, Type::f16x2, Type::e5m2, Type::f16, convert_halves<u16, u32>, nullptr},
    {Type::e4m3x2, Type::bf16x2, Type::e4m3, Type::bf16, convert_halves<u16, u32>, nullptr},
    {Type::e5m2x2, Type::bf16x2, Type::e5m2, Type::bf16, convert_halves<u16, u32>, nullptr},
    {Type::f16x2, Type::e4m3x2, Type::f16, Type::e4m3, convert_halves<u32, u16>, nullptr},
    {Type::f16x2, Type::e5m2x2, Type::f16, Type::e5m2, convert_halves<u32, u16>, nullptr},
};

const PackedRow* find_row(Type to, Type from) {
    for (const PackedRow& row : kConvertPackedRows) {
        if (row.to == to && row.from == from) {
            return &row;
        }
    }
    return nullptr;
}

}  // namespace

std::span<const LaneRow> pack_rows() {
    return kIntegerRows;
}

bool translate_packed_conversion(Assembly& assembly) {
    Modifiers types = assembly.modifiers();
    const Type to = types.take_type(), from = types.take_type();
    const PackedRow* const row = find_row(to, from);
    if (row == nullptr) {
        return false;
    }
    Modifiers& modifiers = assembly.modifiers();
    modifiers = types;
    const bool to_zero = modifiers.take("rz");
    if (!to_zero && !modifiers.take("rn")) {
        throw Unsupported{"this rounding"};
    }
    const PackedConversion how{.to = row->to_element,
                               .from = row->from_element,
                               .mode = to_zero ? RoundMode::to_zero : RoundMode::nearest_even,
                               .clips = modifiers.take("relu"),
                               .saturates = modifiers.take("satfinite")};
    const bool two = from == Type::f32;
    assembly.expect_operands(two ? 3 : 2);
    const Slot a = assembly.read(1, traits(from).bits), b = two ? assembly.read(2, 32) : 0;
    const Slot target = assembly.write(0, traits(to).bits);
    const bool plain = row->nearest != nullptr && !to_zero && !how.clips && !how.saturates;
    assembly.emit(plain ? row->nearest : row->run, Class::convert, target, a, b).aux = how.packed();
    return true;
}

}  // namespace warpsmith::emulator
