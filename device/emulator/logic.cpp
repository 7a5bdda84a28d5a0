// Logic of predicates, and lop3.
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

using MaskFunction = u32 (*)(u32 a, u32 b);

template <MaskFunction function>
void combine_masks(Warp& warp, const Instruction& instruction, u32 lanes) {
    u32& target = *warp.target<u32>(instruction.dst);
    const u32 value = function(warp.mask(instruction.a), warp.mask(instruction.b));
    target = (target & ~lanes) | (value & lanes);
}

u32 both(u32 a, u32 b) {
    return a & b;
}
u32 either(u32 a, u32 b) {
    return a | b;
}
u32 one_of(u32 a, u32 b) {
    return a ^ b;
}
u32 inverse(u32 a, u32) {
    return ~a;
}

struct LogicRow {
    std::string_view opcode;
    Handler run;
    std::size_t sources;
};

constexpr LogicRow kLogic[] = {{"and.pred", combine_masks<both>, 2},
                               {"or.pred", combine_masks<either>, 2},
                               {"xor.pred", combine_masks<one_of>, 2},
                               {"not.pred", combine_masks<inverse>, 1}};

// The other types of these opcodes are rows of bit_rows().
void translate_logic(Assembly& assembly) {
    for (const LogicRow& row : kLogic) {
        if (row.opcode == assembly.instruction().opcode) {
            assembly.modifiers().take("pred");
            assembly.expect_operands(1 + row.sources);
            const Slot a = assembly.read_predicate(assembly.operand(1));
            const Slot b = row.sources == 2 ? assembly.read_predicate(assembly.operand(2)) : a;
            assembly.emit(row.run, Class::integer, assembly.write_predicate(assembly.operand(0)), a, b);
            return;
        }
    }
    throw Unsupported{"this type"};
}

// Any function of three bits, by its truth table in `aux`: three levels of choices between two words.
WARPSMITH_VECTORISED void lop3(Warp& warp, const Instruction& instruction, u32 lanes) {
    u32 table[8];
    for (u32 i = 0; i < 8; ++i) {
        table[i] = (instruction.aux >> i & 1) != 0 ? kAllLanes : 0;
    }
    const u32* const a = warp.source<u32>(instruction.a);
    const u32* const b = warp.source<u32>(instruction.b);
    const u32* const c = warp.source<u32>(instruction.c);
    const u32 flip[4] = {table[0] ^ table[1], table[2] ^ table[3], table[4] ^ table[5], table[6] ^ table[7]};
    alignas(64) u32 value[kLanes];
    for (unsigned l = 0; l < kLanes; ++l) {
        const u32 by_c[4] = {table[0] ^ (c[l] & flip[0]), table[2] ^ (c[l] & flip[1]), table[4] ^ (c[l] & flip[2]),
                             table[6] ^ (c[l] & flip[3])};
        const u32 low = by_c[0] ^ (b[l] & (by_c[0] ^ by_c[1])), high = by_c[2] ^ (b[l] & (by_c[2] ^ by_c[3]));
        value[l] = low ^ (a[l] & (low ^ high));
    }
    store_lanes(warp.target<u32>(instruction.dst), value, lanes);
}

// lop3.or d|p, a, b, c, table, q: p is (d != 0) or q.
void test_result(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u32* const value = warp.source<u32>(instruction.a);
    const u32 other = warp.mask(instruction.b);
    u32 result = 0;
    for_each_lane(lanes, [&](unsigned lane) { result |= (value[lane] != 0 ? 1U : 0U) << lane; });
    result = instruction.aux != 0 ? result | other : result & other;
    u32& target = *warp.target<u32>(instruction.dst);
    target = (target & ~lanes) | (result & lanes);
}

void translate_lop3(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool with_or = modifiers.take("or"), tests = modifiers.take("and") || with_or;
    if (!modifiers.take("b32")) {
        throw Unsupported{"this type"};
    }
    assembly.expect_operands(tests ? 6 : 5);
    if (assembly.operand(4).kind != Operand::Kind::integer) {
        throw Unsupported{"a truth table that is no constant"};
    }
    const Slot a = assembly.read(1, 32), b = assembly.read(2, 32), c = assembly.read(3, 32);
    const Operand& target = assembly.operand(0);
    const bool pair = target.kind == Operand::Kind::pair;
    const Slot value = assembly.write(pair ? target.parts[0] : target, 32);
    const Slot other = tests ? assembly.read_predicate(assembly.operand(5)) : 0;
    assembly.emit(lop3, Class::integer, value, a, b, c).aux = static_cast<u32>(assembly.operand(4).bits);
    if (tests && pair) {
        const Slot predicate = assembly.write_predicate(target.parts[1]);
        assembly.emit(test_result, Class::integer, predicate, value, other).aux = with_or ? 1 : 0;
    }
}

}  // namespace

std::span<const OpcodeRow> logic_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"and", translate_logic},
                                             {"or", translate_logic},
                                             {"xor", translate_logic},
                                             {"not", translate_logic},
                                             {"lop3", translate_lop3}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
