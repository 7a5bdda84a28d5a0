// wmma: load, store and mma of 16-bit matrices whose place in registers is the implementation's own.
//
// Here a fragment holds the elements of its matrix in row-major order, as many in each lane; where PTX has more
// registers than that takes, they repeat.
#include <cstring>
#include <vector>

#include "device/emulator/access.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/rounding.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

// Packed into Instruction::offset of a load or a store.
struct Fragment {
    u32 rows = 16, columns = 16, registers = 8, bytes = 2;
    bool by_column = false;

    s64 packed() const {
        return s64{rows} | s64{columns} << 8 | s64{registers} << 16 | s64{bytes} << 24 | s64{by_column ? 1 : 0} << 32;
    }
    static Fragment of(s64 bits) {
        const u64 b = static_cast<u64>(bits);
        return {static_cast<u32>(b & 0xFF), static_cast<u32>(b >> 8 & 0xFF), static_cast<u32>(b >> 16 & 0xFF),
                static_cast<u32>(b >> 24 & 0xFF), (b >> 32 & 1) != 0};
    }
    u32 per_lane() const { return rows * columns / kLanes; }
    u32 distinct() const { return per_lane() * bytes / 4; }  // registers
};

// Where each lane's element `i` lies; `a` holds the address of the matrix, `b` the elements from row to row.
void find_elements(const Warp& warp, const Instruction& instruction, const Fragment& fragment, u32 i, u64* address) {
    const u64* const base = warp.source<u64>(instruction.a);
    const u32* const stride = warp.source<u32>(instruction.b);
    for (u32 lane = 0; lane < kLanes; ++lane) {
        const u32 element = lane * fragment.per_lane() + i;
        const u32 row = element / fragment.columns, column = element % fragment.columns;
        const u64 place = fragment.by_column ? u64{column} * stride[lane] + row : u64{row} * stride[lane] + column;
        address[lane] = base[lane] + place * fragment.bytes;
    }
}

template <bool stores>
void move_fragment(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    const Fragment fragment = Fragment::of(instruction.offset);
    const Slot* const slots = warp.program->slots.data() + instruction.extra;
    for (u32 i = 0; i < fragment.per_lane(); ++i) {
        Access access;
        find_elements(warp, instruction, fragment, i, access.address);
        const u32 good = resolve_addresses(warp, instruction, lanes, static_cast<Space>(instruction.aux),
                                           stores ? Use::write : Use::read, fragment.bytes, access);
        const u32 at = i * fragment.bytes / 4, byte = i * fragment.bytes % 4;
        if (stores) {
            check_store(warp, instruction, good, access, fragment.bytes);
            const std::byte* const from = warp.source<std::byte>(slots[at]) + byte;
            for_each_lane(good, [&](unsigned l) { std::memcpy(access.host[l], from + 4 * l, fragment.bytes); });
            continue;
        }
        check_load(warp, instruction, good, access, fragment.bytes);
        for (u32 r = at; r < fragment.registers; r += fragment.distinct()) {
            std::byte* const to = warp.target<std::byte>(slots[r]) + byte;
            for_each_lane(lanes, [&](unsigned l) { std::memcpy(to + 4 * l, access.host[l], fragment.bytes); });
        }
    }
    warp.changed = warp.changed || stores;
    warp.advance();
}

enum class Format : u32 { half, bfloat, single };

double element(const Warp& warp, const Slot* slots, u32 per_lane, u32 index, Format format) {
    const u32 lane = index / per_lane, i = index % per_lane;
    if (format == Format::single) {
        return static_cast<double>(warp.source<float>(slots[i])[lane]);
    }
    const u16 bits = warp.source<u16>(slots[i / 2])[2 * lane + i % 2];
    return static_cast<double>(format == Format::half ? widen(Float16{bits}) : widen(BFloat16{bits}));
}

// Packed into Instruction::aux.
struct Product {
    u32 m = 16, n = 16, k = 16;
    Format inputs = Format::half, c = Format::single, d = Format::single;

    u32 packed() const {
        return m | n << 6 | k << 12 | static_cast<u32>(inputs) << 18 | static_cast<u32>(c) << 20 |
               static_cast<u32>(d) << 22;
    }
    static Product of(u32 bits) {
        return {bits & 63,
                bits >> 6 & 63,
                bits >> 12 & 63,
                static_cast<Format>(bits >> 18 & 3),
                static_cast<Format>(bits >> 20 & 3),
                static_cast<Format>(bits >> 22 & 3)};
    }
    u32 input_registers(u32 elements) const { return inputs == Format::half ? 8 : elements / 64; }
    u32 sum_registers(Format format) const { return m * n / (format == Format::single ? 32 : 64); }
};

void multiply(Warp& warp, const Instruction& instruction, u32) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    const Product how = Product::of(instruction.aux);
    const Slot* const d = warp.program->slots.data() + instruction.extra;
    const Slot* const a = d + how.sum_registers(how.d);
    const Slot* const b = a + how.input_registers(how.m * how.k);
    const Slot* const c = b + how.input_registers(how.k * how.n);
    std::vector<double> sums(std::size_t{how.m} * how.n);
    for (u32 i = 0; i < how.m * how.n; ++i) {
        for (u32 k = 0; k < how.k; ++k) {
            sums[i] += element(warp, a, how.m * how.k / kLanes, i / how.n * how.k + k, how.inputs) *
                       element(warp, b, how.k * how.n / kLanes, k * how.n + i % how.n, how.inputs);
        }
        sums[i] += element(warp, c, how.m * how.n / kLanes, i, how.c);
    }
    const u32 per_lane = how.m * how.n / kLanes;
    for (u32 i = 0; i < how.m * how.n; ++i) {
        const u32 lane = i / per_lane, r = i % per_lane;
        if (how.d == Format::single) {
            warp.target<float>(d[r])[lane] = canonical(static_cast<float>(sums[i]));
        } else {
            warp.target<u16>(d[r / 2])[2 * lane + r % 2] = narrow_to_half(narrow_to_odd(sums[i])).bits;
        }
    }
    warp.advance();
}

struct ShapeRow {
    std::string_view word;
    u32 m, n, k;
};
constexpr ShapeRow kShapes[] = {{"m16n16k16", 16, 16, 16}, {"m32n8k16", 32, 8, 16}, {"m8n32k16", 8, 32, 16}};

const ShapeRow& take_shape(Modifiers& modifiers) {
    for (const ShapeRow& row : kShapes) {
        if (modifiers.take(row.word)) {
            return row;
        }
    }
    throw Unsupported{"this shape"};
}

Format format_of(Type type) {
    if (type != Type::f16 && type != Type::bf16 && type != Type::f32) {
        throw Unsupported{"elements of this type"};
    }
    return type == Type::f16 ? Format::half : type == Type::bf16 ? Format::bfloat : Format::single;
}

u32 list_of(Assembly& assembly, std::size_t index, std::size_t registers, bool written) {
    const Operand& operand = assembly.operand(index);
    if (operand.kind != Operand::Kind::vector || operand.parts.size() != registers) {
        throw Unsupported{"another number of registers"};
    }
    return written ? assembly.write_list(operand.parts, 32) : assembly.read_list(operand.parts, 32);
}

void translate_move(Assembly& assembly, bool stores) {
    Modifiers& modifiers = assembly.modifiers();
    const bool is_a = modifiers.take("a"), is_b = !is_a && modifiers.take("b");
    if (!is_a && !is_b && !modifiers.take(stores ? "d" : "c")) {
        throw Unsupported{"this matrix"};
    }
    const bool by_column = modifiers.take("col");
    modifiers.take("row");
    const ShapeRow& shape = take_shape(modifiers);
    const MemoryModifiers how = take_memory_modifiers(modifiers);
    const Format format = format_of(modifiers.take_type());
    assembly.expect_operands(2, 3);
    const Operand& registers = assembly.operand(stores ? 1 : 0);
    Fragment fragment{.rows = is_b ? shape.k : shape.m,
                      .columns = is_a ? shape.k : shape.n,
                      .registers = static_cast<u32>(registers.parts.size()),
                      .bytes = format == Format::single ? 4U : 2U,
                      .by_column = by_column};
    if (fragment.registers == 0 || fragment.registers % fragment.distinct() != 0 || fragment.registers > 16) {
        throw Unsupported{"another number of registers"};
    }
    const u32 shortest = by_column ? fragment.rows : fragment.columns;  // rows without a gap between
    const Slot stride = assembly.operands() == 3 ? assembly.read(2, 32) : assembly.constant(shortest, 32);
    const Slot address = read_address(assembly, assembly.operand(stores ? 0 : 1));
    const u32 list = list_of(assembly, stores ? 1 : 0, fragment.registers, !stores);
    Instruction& instruction =
        assembly.emit(stores ? move_fragment<true> : move_fragment<false>, Class::matrix_load, 0, address, stride);
    instruction.extra = list;
    instruction.aux = static_cast<u32>(how.space);
    instruction.offset = fragment.packed();
    instruction.flow = Flow::control;
}

// The types of D and C where A and B are f16, else those of D, A, B, C.
void translate_product(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    while (modifiers.take("row") || modifiers.take("col")) {
    }
    const ShapeRow& shape = take_shape(modifiers);
    const Format first = format_of(modifiers.take_type()), second = format_of(modifiers.take_type());
    Product how{.m = shape.m, .n = shape.n, .k = shape.k, .inputs = Format::half, .c = second, .d = first};
    if (modifiers.has_type()) {
        how.inputs = second;
        const Format third = format_of(modifiers.take_type());
        how.c = format_of(modifiers.take_type());
        if (third != second) {
            throw Unsupported{"these types"};
        }
    }
    if (how.inputs == Format::single || how.c == Format::bfloat || how.d == Format::bfloat) {
        throw Unsupported{"these types"};
    }
    assembly.expect_operands(4);
    const u32 list = list_of(assembly, 0, how.sum_registers(how.d), true);
    list_of(assembly, 1, how.input_registers(how.m * how.k), false);
    list_of(assembly, 2, how.input_registers(how.k * how.n), false);
    list_of(assembly, 3, how.sum_registers(how.c), false);
    Instruction& instruction = assembly.emit(multiply, Class::tensor);
    instruction.extra = list;
    instruction.aux = how.packed();
    instruction.offset = s64{how.m} * how.n * how.k;
    instruction.flow = Flow::control;
}

void translate_wmma(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    modifiers.take("sync");
    modifiers.take("aligned");
    if (modifiers.take("mma")) {
        translate_product(assembly);
    } else if (modifiers.take("store")) {
        translate_move(assembly, true);
    } else if (modifiers.take("load")) {
        translate_move(assembly, false);
    } else {
        throw Unsupported{"this operation"};
    }
}

constexpr OpcodeRow kOpcodes[] = {{"wmma", translate_wmma}};

}  // namespace

std::span<const OpcodeRow> wmma_opcodes() {
    return kOpcodes;
}

}  // namespace warpsmith::emulator
