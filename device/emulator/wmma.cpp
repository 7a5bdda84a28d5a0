// wmma.load and wmma.store: matrices whose place in registers is the implementation's own.
//
// Here a fragment holds the elements of its matrix in row-major order, as many in each lane; where PTX has more
// registers than that takes, they repeat. Elements of less than a byte are taken as words of 32 bits along k.
#include <cstring>

#include "device/emulator/access.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/wmma_product.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

// Packed into Instruction::offset of a load or a store.
struct Fragment {
    u32 rows = 16, columns = 16, registers = 8;
    u32 bytes = 2;          // of a unit that is moved: an element, or a word of those of less than a byte
    u32 element_bits = 16;  // of what strides count
    bool by_column = false;

    s64 packed() const {
        return s64{rows} | s64{columns} << 8 | s64{registers} << 16 | s64{bytes} << 24 | s64{element_bits} << 32 |
               s64{by_column ? 1 : 0} << 40;
    }
    static Fragment of(s64 bits) {
        const u64 b = static_cast<u64>(bits);
        return {static_cast<u32>(b & 0xFF),       static_cast<u32>(b >> 8 & 0xFF),  static_cast<u32>(b >> 16 & 0xFF),
                static_cast<u32>(b >> 24 & 0xFF), static_cast<u32>(b >> 32 & 0xFF), (b >> 40 & 1) != 0};
    }
    u32 per_lane() const { return rows * columns / kLanes; }
    u32 register_bytes() const { return bytes == 8 ? 8 : 4; }
    u32 distinct() const { return per_lane() * bytes / register_bytes(); }  // registers
};

// Where each lane's unit `i` lies; `a` holds the address of the matrix, `b` the elements from row to row.
void find_elements(const Warp& warp, const Instruction& instruction, const Fragment& fragment, u32 i, u64* address) {
    const u64* const base = warp.source<u64>(instruction.a);
    const u32* const stride = warp.source<u32>(instruction.b);
    for (u32 lane = 0; lane < kLanes; ++lane) {
        const u32 unit = lane * fragment.per_lane() + i;
        const u32 row = unit / fragment.columns, column = unit % fragment.columns;
        const u32 line = fragment.by_column ? column : row, inside = fragment.by_column ? row : column;
        address[lane] = base[lane] + u64{line} * stride[lane] * fragment.element_bits / 8 + inside * fragment.bytes;
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
        const u32 width = fragment.register_bytes();
        const u32 at = i * fragment.bytes / width, byte = i * fragment.bytes % width;
        if (stores) {
            check_store(warp, instruction, good, access, fragment.bytes);
            const std::byte* const from = warp.source<std::byte>(slots[at]) + byte;
            for_each_lane(good, [&](unsigned l) { std::memcpy(access.host[l], from + width * l, fragment.bytes); });
            continue;
        }
        check_load(warp, instruction, good, access, fragment.bytes);
        for (u32 r = at; r < fragment.registers; r += fragment.distinct()) {
            std::byte* const to = warp.target<std::byte>(slots[r]) + byte;
            for_each_lane(lanes, [&](unsigned l) { std::memcpy(to + width * l, access.host[l], fragment.bytes); });
        }
    }
    warp.changed = warp.changed || stores;
    warp.advance();
}

Fragment fragment_of(const WmmaShape& shape, Type type, bool is_a, bool is_b, bool by_column) {
    if (!(is_a || is_b ? shape.has_input(type) : shape.has_sum(type))) {
        throw Unsupported{"elements of this type"};
    }
    if (!is_packed_in_words(type)) {
        return {.rows = is_b ? shape.k : shape.m,
                .columns = is_a ? shape.k : shape.n,
                .bytes = bytes(type),
                .element_bits = traits(type).bits,
                .by_column = by_column};
    }
    if (by_column != is_b) {
        throw Unsupported{"this order of elements of less than a byte"};
    }
    const u32 words = shape.k * traits(type).bits / 32;
    return {.rows = is_b ? words : shape.m,
            .columns = is_b ? shape.n : words,
            .bytes = sizeof(u32),
            .element_bits = traits(type).bits,
            .by_column = by_column};
}

void translate_move(Assembly& assembly, bool stores) {
    Modifiers& modifiers = assembly.modifiers();
    const bool is_a = modifiers.take("a"), is_b = !is_a && modifiers.take("b");
    if (!is_a && !is_b && !modifiers.take(stores ? "d" : "c")) {
        throw Unsupported{"this matrix"};
    }
    const bool by_column = modifiers.take("col");
    modifiers.take("row");
    const WmmaShape& shape = take_wmma_shape(modifiers);
    const MemoryModifiers how = take_memory_modifiers(modifiers);
    Fragment fragment = fragment_of(shape, modifiers.take_type(), is_a, is_b, by_column);
    assembly.expect_operands(2, 3);
    const Operand& registers = assembly.operand(stores ? 1 : 0);
    fragment.registers = registers.kind == Operand::Kind::vector ? static_cast<u32>(registers.parts.size()) : 1;
    if (fragment.registers == 0 || fragment.registers % fragment.distinct() != 0 || fragment.registers > 16) {
        throw Unsupported{"another number of registers"};
    }
    const u32 units = by_column ? fragment.rows : fragment.columns;  // of rows without a gap between
    const Slot stride = assembly.operands() == 3
                            ? assembly.read(2, 32)
                            : assembly.constant(units * fragment.bytes * 8 / fragment.element_bits, 32);
    const Slot address = read_address(assembly, assembly.operand(stores ? 0 : 1));
    const u32 list = wmma_list(assembly, stores ? 1 : 0, fragment.registers, fragment.register_bytes() * 8, !stores);
    Instruction& instruction =
        assembly.emit(stores ? move_fragment<true> : move_fragment<false>, Class::matrix_load, 0, address, stride);
    instruction.extra = list;
    instruction.aux = static_cast<u32>(how.space);
    instruction.offset = fragment.packed();
    instruction.flow = Flow::control;
}

void translate_wmma(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    modifiers.take("sync");
    modifiers.take("aligned");
    if (modifiers.take("mma")) {
        translate_wmma_product(assembly);
    } else if (modifiers.take("store")) {
        translate_move(assembly, true);
    } else if (modifiers.take("load")) {
        translate_move(assembly, false);
    } else {
        throw Unsupported{"this operation"};
    }
}

}  // namespace

std::span<const OpcodeRow> wmma_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"wmma", translate_wmma}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
