// Moves: copies, packing and unpacking of vectors, selections.
#include <limits>

#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

struct Wide {  // 128 bits
    u64 low, high;
};

struct Copy {
    template <class T>
    WARPSMITH_INLINE T apply(T a) {
        return a;
    }
};

// Wide values are rare: moved lane by lane.
void copy_wide(Warp& warp, const Instruction& instruction, u32 lanes) {
    const Wide* const a = warp.source<Wide>(instruction.a);
    Wide* const target = warp.target<Wide>(instruction.dst);
    for_each_lane(lanes, [&](unsigned lane) { target[lane] = a[lane]; });
}

void copy_predicate(Warp& warp, const Instruction& instruction, u32 lanes) {
    u32& target = *warp.target<u32>(instruction.dst);
    target = (target & ~lanes) | (warp.mask(instruction.a) & lanes);
}

// {parts} to one register: Instruction::extra lists the parts, aux counts them. The lowest part comes first.
template <class Whole, class Part>
WARPSMITH_VECTORISED void pack(Warp& warp, const Instruction& instruction, u32 lanes) {
    alignas(64) Whole value[kLanes] = {};
    for (u32 i = 0; i < sizeof(Whole) / sizeof(Part); ++i) {
        const Part* const part = warp.source<Part>(warp.program->slots[instruction.extra + i]);
        for (unsigned l = 0; l < kLanes; ++l) {
            value[l] = static_cast<Whole>(value[l] | static_cast<Whole>(Whole{part[l]} << (8 * sizeof(Part) * i)));
        }
    }
    store_lanes(warp.target<Whole>(instruction.dst), value, lanes);
}

template <class Whole, class Part>
WARPSMITH_VECTORISED void unpack(Warp& warp, const Instruction& instruction, u32 lanes) {
    const Whole* const whole = warp.source<Whole>(instruction.a);
    alignas(64) Part value[kLanes];
    for (u32 i = 0; i < sizeof(Whole) / sizeof(Part); ++i) {
        for (unsigned l = 0; l < kLanes; ++l) {
            value[l] = static_cast<Part>(whole[l] >> (8 * sizeof(Part) * i));
        }
        store_lanes(warp.target<Part>(warp.program->slots[instruction.extra + i]), value, lanes);
    }
}

void pack_wide(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u64* const low = warp.source<u64>(warp.program->slots[instruction.extra]);
    const u64* const high = warp.source<u64>(warp.program->slots[instruction.extra + 1]);
    Wide* const target = warp.target<Wide>(instruction.dst);
    for_each_lane(lanes, [&](unsigned lane) { target[lane] = {low[lane], high[lane]}; });
}

void unpack_wide(Warp& warp, const Instruction& instruction, u32 lanes) {
    const Wide* const whole = warp.source<Wide>(instruction.a);
    u64* const low = warp.target<u64>(warp.program->slots[instruction.extra]);
    u64* const high = warp.target<u64>(warp.program->slots[instruction.extra + 1]);
    for_each_lane(lanes, [&](unsigned lane) {
        low[lane] = whole[lane].low;
        high[lane] = whole[lane].high;
    });
}

struct PackRow {
    unsigned whole_bits, part_bits;
    Handler pack, unpack;
};

constexpr PackRow kPacks[] = {
    {32, 16, pack<u32, u16>, unpack<u32, u16>},
    {64, 32, pack<u64, u32>, unpack<u64, u32>},
    {64, 16, pack<u64, u16>, unpack<u64, u16>},
    {128, 64, pack_wide, unpack_wide},
};

const PackRow& pack_row(unsigned whole_bits, std::size_t parts) {
    for (const PackRow& row : kPacks) {
        if (row.whole_bits == whole_bits && row.whole_bits == row.part_bits * parts) {
            return row;
        }
    }
    throw Unsupported{"packing " + std::to_string(parts) + " registers into " + std::to_string(whole_bits) + " bits"};
}

void translate_pack(Assembly& assembly, unsigned bits) {
    const PackRow& row = pack_row(bits, assembly.operand(1).parts.size());
    const u32 parts = assembly.read_list(assembly.operand(1).parts, row.part_bits);
    const Slot dst = assembly.write(0, bits);
    assembly.emit(row.pack, Class::move, dst).extra = parts;
}

void translate_unpack(Assembly& assembly, unsigned bits) {
    const PackRow& row = pack_row(bits, assembly.operand(0).parts.size());
    const Slot whole = assembly.read(1, bits);
    const u32 parts = assembly.write_list(assembly.operand(0).parts, row.part_bits);
    assembly.emit(row.unpack, Class::move, 0, whole).extra = parts;
}

struct WidthRow {
    unsigned bits;
    Handler copy;
};

constexpr WidthRow kCopies[] = {{16, map_one<Copy, u16, u16>},
                                {32, map_one<Copy, u32, u32>},
                                {64, map_one<Copy, u64, u64>},
                                {128, copy_wide},
                                {kPredicateBits, copy_predicate}};

void translate_mov(Assembly& assembly) {
    const Type type = assembly.modifiers().take_type();
    const unsigned bits = type == Type::pred ? kPredicateBits : traits(type).bits;
    assembly.expect_operands(2);
    if (assembly.operand(1).kind == Operand::Kind::vector) {
        translate_pack(assembly, bits);
        return;
    }
    if (assembly.operand(0).kind == Operand::Kind::vector) {
        translate_unpack(assembly, bits);
        return;
    }
    for (const WidthRow& row : kCopies) {
        if (row.bits == bits) {
            const Slot a =
                bits == kPredicateBits ? assembly.read_predicate(assembly.operand(1)) : assembly.read(1, bits);
            const Slot target = assembly.write(0, bits);
            if (!assembly.retarget(a, target)) {  // %tid.x and its like are read straight into the register
                assembly.emit(row.copy, Class::move, target, a);
            }
            return;
        }
    }
    throw Unsupported{"a move of " + std::to_string(bits) + " bits"};
}

template <class T>
WARPSMITH_VECTORISED void select(Warp& warp, const Instruction& instruction, u32 lanes) {
    const T* const a = warp.source<T>(instruction.a);
    const T* const b = warp.source<T>(instruction.b);
    const u32 choice = warp.mask(instruction.c);
    alignas(64) T value[kLanes];
    for (unsigned l = 0; l < kLanes; ++l) {
        value[l] = (choice >> l & 1U) != 0 ? a[l] : b[l];
    }
    store_lanes(warp.target<T>(instruction.dst), value, lanes);
}

constexpr WidthRow kSelects[] = {{16, select<u16>}, {32, select<u32>}, {64, select<u64>}};

void translate_selp(Assembly& assembly) {
    const unsigned bits = traits(assembly.modifiers().take_type()).bits;
    assembly.expect_operands(4);
    for (const WidthRow& row : kSelects) {
        if (row.bits == bits) {
            const Slot a = assembly.read(1, bits), b = assembly.read(2, bits);
            const Slot choice = assembly.read_predicate(assembly.operand(3));
            assembly.emit(row.copy, Class::move, assembly.write(0, bits), a, b, choice);
            return;
        }
    }
    throw Unsupported{"a selection of " + std::to_string(bits) + " bits"};
}

// slct: a when c is not negative, else b. A NaN selects b, minus zero a.
template <class C>
struct SelectBySign {
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b, C c) {
        return c >= C{0} ? a : b;
    }
};
struct SelectByFlushedSign {  // subnormals count as zero
    template <class T>
    WARPSMITH_INLINE T apply(T a, T b, float c) {
        return c > -std::numeric_limits<float>::min() ? a : b;
    }
};

enum class By : u8 { integer, floating, flushed };

struct SelectRow {
    unsigned bits;
    Handler by[3];
};

template <class T>
constexpr SelectRow sign_select() {
    return {8 * sizeof(T),
            {map_three<SelectBySign<s32>, T, T, T, s32>, map_three<SelectBySign<float>, T, T, T, float>,
             map_three<SelectByFlushedSign, T, T, T, float>}};
}

constexpr SelectRow kSignSelects[] = {sign_select<u16>(), sign_select<u32>(), sign_select<u64>()};

void translate_slct(Assembly& assembly) {
    const bool flushes = assembly.modifiers().take("ftz");
    const unsigned bits = traits(assembly.modifiers().take_type()).bits;
    const bool by_float = is_floating(assembly.modifiers().take_type());
    const By by = !by_float ? By::integer : flushes ? By::flushed : By::floating;
    assembly.expect_operands(4);
    for (const SelectRow& row : kSignSelects) {
        if (row.bits == bits) {
            const Slot a = assembly.read(1, bits), b = assembly.read(2, bits), c = assembly.read(3, 32);
            assembly.emit(row.by[static_cast<std::size_t>(by)], Class::move, assembly.write(0, bits), a, b, c);
            return;
        }
    }
    throw Unsupported{"a selection of " + std::to_string(bits) + " bits"};
}

}  // namespace

std::span<const OpcodeRow> move_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {
        {"mov", translate_mov}, {"selp", translate_selp}, {"slct", translate_slct}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
