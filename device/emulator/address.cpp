// Addresses between state spaces, and hints that change no value.
#include "device/emulator/address_space.hpp"
#include "device/emulator/block.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/lanes.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

WARPSMITH_VECTORISED void add_window(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u64* const a = warp.source<u64>(instruction.a);
    const u64 window = static_cast<u64>(instruction.offset);
    alignas(64) u64 value[kLanes];
    for (unsigned l = 0; l < kLanes; ++l) {
        value[l] = a[l] + window;
    }
    store_lanes(warp.target<u64>(instruction.dst), value, lanes);
}

struct SpaceRow {
    std::string_view word;
    u64 window;
};

// Global and constant addresses are generic ones.
constexpr SpaceRow kSpaces[] = {
    {"global", 0},
    {"const", 0},
    {"shared", kSharedWindow},
    {"shared::cta", kSharedWindow},
    {"shared::cluster", kSharedWindow},
    {"local", kLocalWindow},
    {"param", kParamWindow},
    {"param::entry", kParamWindow},
};

const SpaceRow& take_space(Modifiers& modifiers) {
    for (const SpaceRow& row : kSpaces) {
        if (modifiers.take(row.word)) {
            return row;
        }
    }
    throw Unsupported{"this state space"};
}

void translate_cvta(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool to = modifiers.take("to");
    const SpaceRow& row = take_space(modifiers);
    if (!modifiers.take("u64")) {
        throw Unsupported{"addresses of 32 bits"};
    }
    assembly.expect_operands(2);
    const Slot a = assembly.read(1, 64);
    assembly.emit(add_window, Class::move, assembly.write(0, 64), a).offset =
        static_cast<s64>(to ? 0 - row.window : row.window);
}

void is_in_space(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u64* const a = warp.source<u64>(instruction.a);
    const u64 window = static_cast<u64>(instruction.offset);
    u32 result = 0;
    for_each_lane(lanes, [&](unsigned lane) {
        const bool in_window = a[lane] - window < kWindowBytes;
        // A bare shared::cta test asks for the own block, shared::cluster for any of the cluster.
        const u64 rank = (a[lane] - window) >> kClusterRankShift;
        const bool own = instruction.aux == 0 || rank == 0 || rank == warp.block->rank + 1;
        const bool holds = window == 0 ? a[lane] >= kGlobalStart : in_window && own;
        result |= (holds ? 1U : 0U) << lane;
    });
    u32& target = *warp.target<u32>(instruction.dst);
    target = (target & ~lanes) | result;
}

void translate_isspacep(Assembly& assembly) {
    const bool own_block = assembly.instruction().opcode != "isspacep.shared::cluster";
    const SpaceRow& row = take_space(assembly.modifiers());
    assembly.expect_operands(2);
    const Slot a = assembly.read(1, 64);
    Instruction& instruction =
        assembly.emit(is_in_space, Class::compare, assembly.write_predicate(assembly.operand(0)), a);
    instruction.offset = static_cast<s64>(row.window);
    instruction.aux = row.window == kSharedWindow && own_block ? 1 : 0;
}

// Prefetches and cache priorities: nothing to do, whatever the operands.
void translate_hint(Assembly& assembly) {
    assembly.modifiers().drop_prefixed("");
}

// A cache policy is an opaque number, which only hints read.
void translate_createpolicy(Assembly& assembly) {
    assembly.modifiers().drop_prefixed("");
    const Slot zero = assembly.constant(0, 64);
    assembly.emit(add_window, Class::move, assembly.write(0, 64), zero);
}

constexpr OpcodeRow kOpcodes[] = {
    {"cvta", translate_cvta},
    {"isspacep", translate_isspacep},
    {"prefetch", translate_hint},
    {"prefetchu", translate_hint},
    {"applypriority", translate_hint},
    {"discard", translate_hint},
    {"createpolicy", translate_createpolicy},
};

}  // namespace

std::span<const OpcodeRow> address_opcodes() {
    return kOpcodes;
}

}  // namespace warpsmith::emulator
