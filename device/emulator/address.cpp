// Addresses between state spaces, and hints that change no value.
#include "device/emulator/address_space.hpp"
#include "device/emulator/block.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/lanes.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/worker.hpp"

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

// Constant variables lie among the global ones.
bool is_constant(const Grid& grid, u64 address) {
    const std::vector<syntax::Variable>& variables = grid.program.variables;
    for (std::size_t v = 0; v < variables.size(); ++v) {
        if (variables[v].space == syntax::StateSpace::constant &&
            address - grid.variable_places[v] < variables[v].bytes) {
            return true;
        }
    }
    return false;
}

// Packed into Instruction::aux: which test isspacep makes.
enum SpaceTest : u32 { kOwnShared, kInWindow, kGlobal, kConstant };

bool holds(const Warp& warp, u64 address, u64 window, u32 test) {
    if (test == kGlobal || test == kConstant) {
        return address >= kGlobalStart && is_constant(*warp.worker->grid, address) == (test == kConstant);
    }
    // A bare shared::cta test asks for the own block, shared::cluster for any of the cluster.
    const u64 rank = (address - window) >> kClusterRankShift;
    const bool own = test == kInWindow || rank == 0 || rank == warp.block->rank + 1;
    return address - window < kWindowBytes && own;
}

void is_in_space(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u64* const a = warp.source<u64>(instruction.a);
    const u64 window = static_cast<u64>(instruction.offset);
    u32 result = 0;
    for_each_lane(lanes,
                  [&](unsigned lane) { result |= (holds(warp, a[lane], window, instruction.aux) ? 1U : 0U) << lane; });
    u32& target = *warp.target<u32>(instruction.dst);
    target = (target & ~lanes) | result;
}

void translate_isspacep(Assembly& assembly) {
    const std::string& opcode = assembly.instruction().opcode;
    const bool whole_cluster = opcode == "isspacep.shared::cluster", constant = opcode == "isspacep.const";
    const SpaceRow& row = take_space(assembly.modifiers());
    assembly.expect_operands(2);
    const Slot a = assembly.read(1, 64);
    Instruction& instruction =
        assembly.emit(is_in_space, Class::compare, assembly.write_predicate(assembly.operand(0)), a);
    instruction.offset = static_cast<s64>(row.window);
    instruction.aux = row.window == 0                                 ? (constant ? kConstant : kGlobal)
                      : row.window == kSharedWindow && !whole_cluster ? kOwnShared
                                                                      : kInWindow;
}

// The same place in the shared memory of another block of the cluster; `offset` is the window of a generic address.
template <class T>
void map_to_block(Warp& warp, const Instruction& instruction, u32 lanes) {
    constexpr u64 kPlace = (u64{1} << kClusterRankShift) - 1;
    const T* const a = warp.source<T>(instruction.a);
    const u32* const rank = warp.source<u32>(instruction.b);
    T* const target = warp.target<T>(instruction.dst);
    for_each_lane(lanes, [&](unsigned lane) {
        const u64 mapped = (a[lane] & kPlace) | (u64{rank[lane]} + 1) << kClusterRankShift;
        target[lane] = static_cast<T>(mapped + static_cast<u64>(instruction.offset));
    });
}

template <class T>
void rank_of_block(Warp& warp, const Instruction& instruction, u32 lanes) {
    const T* const a = warp.source<T>(instruction.a);
    u32* const target = warp.target<u32>(instruction.dst);
    for_each_lane(lanes, [&](unsigned lane) {
        const u32 rank = static_cast<u32>(a[lane] >> kClusterRankShift & 0xFF);
        target[lane] = rank == 0 ? warp.block->rank : rank - 1;
    });
}

unsigned take_address_bits(Modifiers& modifiers) {
    const bool wide = modifiers.take("u64");
    if (!wide && !modifiers.take("u32")) {
        throw Unsupported{"addresses of this type"};
    }
    return wide ? 64 : 32;
}

void translate_mapa(Assembly& assembly) {
    const bool in_shared = assembly.modifiers().take("shared::cluster");
    const unsigned bits = take_address_bits(assembly.modifiers());
    assembly.expect_operands(3);
    const Slot a = assembly.read(1, bits), rank = assembly.read(2, 32);
    assembly.emit(bits == 64 ? map_to_block<u64> : map_to_block<u32>, Class::move, assembly.write(0, bits), a, rank)
        .offset = in_shared ? 0 : static_cast<s64>(kSharedWindow);
}

void translate_getctarank(Assembly& assembly) {
    assembly.modifiers().take("shared::cluster");
    const unsigned bits = take_address_bits(assembly.modifiers());
    assembly.expect_operands(2);
    const Slot a = assembly.read(1, bits);
    assembly.emit(bits == 64 ? rank_of_block<u64> : rank_of_block<u32>, Class::move, assembly.write(0, 32), a);
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

}  // namespace

std::span<const OpcodeRow> address_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {
        {"cvta", translate_cvta},
        {"isspacep", translate_isspacep},
        {"prefetch", translate_hint},
        {"prefetchu", translate_hint},
        {"applypriority", translate_hint},
        {"discard", translate_hint},
        {"createpolicy", translate_createpolicy},
        {"mapa", translate_mapa},
        {"getctarank", translate_getctarank},
    };
    return kOpcodes;
}

}  // namespace warpsmith::emulator
