// Branches, the end of threads, and instructions that only order or delay.
#include <algorithm>

#include "device/emulator/block.hpp"
#include "device/emulator/call.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

void branch(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u32 others = warp.active & ~lanes;
    if (others != 0) {
        split_group(warp, others, warp.pc + 1);
    }
    jump(warp, instruction.extra);
}

void translate_bra(Assembly& assembly) {
    assembly.modifiers().take("uni");
    assembly.expect_operands(1);
    if (assembly.operand(0).kind != Operand::Kind::symbol) {
        throw Unsupported{"a target that is no label"};
    }
    Instruction& instruction = assembly.emit(branch, Class::branch);
    instruction.flow = Flow::branch;
    instruction.successor = Successor::target;
    assembly.patch_label(instruction, assembly.operand(0).name);
}

// Lanes with the same index leave together; an index beyond the table has no defined target.
void branch_indexed(Warp& warp, const Instruction& instruction, u32 lanes) {
    const std::vector<u32>& targets = warp.program->branch_tables[instruction.extra];
    const u32* const index = warp.source<u32>(instruction.a);
    while ((lanes & (lanes - 1)) != 0) {
        const u32 chosen = index[first_lane(lanes)];
        u32 together = 0;
        for_each_lane(lanes, [&](unsigned lane) { together |= (index[lane] == chosen ? 1U : 0U) << lane; });
        if (together == warp.active || chosen >= targets.size()) {
            break;
        }
        split_group(warp, together, targets[chosen]);
        lanes &= ~together;
    }
    if (lanes == 0) {
        return;
    }
    const unsigned first = first_lane(lanes);
    if (index[first] >= targets.size()) {
        stop(warp, instruction, first, FindingKind::trap,
             "index " + std::to_string(index[first]) + " of a table of " + std::to_string(targets.size()) + " targets");
        return;
    }
    jump(warp, targets[index[first]]);
}

void translate_brx(Assembly& assembly) {
    assembly.modifiers().take("idx");
    assembly.modifiers().take("uni");
    assembly.expect_operands(2);
    const u32 table = assembly.branch_table(assembly.operand(1).name);
    Instruction& instruction = assembly.emit(branch_indexed, Class::branch, 0, assembly.read(0, 32));
    instruction.flow = Flow::control;
    instruction.successor = Successor::table;
    instruction.extra = table;
}

void leave(Warp& warp, const Instruction&, u32 lanes) {
    end_lanes(warp, lanes);
}

// Adds an instruction behind which there is nothing.
Instruction& emit_end(Assembly& assembly, Handler run, Class count_as) {
    Instruction& instruction = assembly.emit(run, count_as);
    instruction.flow = Flow::control;
    instruction.successor = Successor::none;
    return instruction;
}

void translate_exit(Assembly& assembly) {
    emit_end(assembly, leave, Class::branch);
}

// Lanes go back to where they were called from, each for itself; those that nobody called end.
void return_lanes(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u32* const places = warp.source<u32>(kReturnSlot);
    u32 ending = 0;
    for_each_lane(lanes, [&](unsigned lane) { ending |= (places[lane] == kNoReturn ? 1U : 0U) << lane; });
    if (ending != 0) {
        end_lanes(warp, ending);
        return;  // all lanes of one frame were called by the same kernel, or none was
    }
    return_from_call(warp, lanes, instruction.extra);
}

void translate_ret(Assembly& assembly) {
    assembly.modifiers().take("uni");
    emit_end(assembly, return_lanes, Class::branch).extra = assembly.function_index();
}

void trap(Warp& warp, const Instruction& instruction, u32 lanes) {
    stop(warp, instruction, first_lane(lanes), FindingKind::trap, "the kernel gave up");
}

void translate_trap(Assembly& assembly) {
    emit_end(assembly, trap, Class::other);
}

// The thread lets others go first.
void sleep(Warp& warp, const Instruction&, u32) {
    warp.advance();
    wait_here(warp, Wait::yielded);
}

void translate_nanosleep(Assembly& assembly) {
    assembly.modifiers().take("u32");
    assembly.expect_operands(1);
    assembly.emit(sleep, Class::other).flow = Flow::control;
}

void nothing(Warp&, const Instruction&, u32) {}

// Memory of the emulator is sequentially consistent, so there is nothing to do but to tell the race check.
template <Scope scope, bool of_proxies>
void fence(Warp& warp, const Instruction&, u32 lanes) {
    if (warp.worker->checker != nullptr) {
        if (of_proxies) {
            warp.worker->checker->fence_proxy(*warp.block->cluster);
        }
        warp.worker->checker->ordering().fence(*warp.order, lanes, scope);
    }
}

// membar.cta and fence.*.cta reach the block, all others the device. Proxy fences order other ways to memory.
void translate_fence(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool block_wide = modifiers.take("cta"), of_proxies = modifiers.take("proxy");
    modifiers.drop_prefixed("");
    assembly.emit(of_proxies   ? fence<Scope::device, true>
                  : block_wide ? fence<Scope::block, false>
                               : fence<Scope::device, false>,
                  Class::fence);
}

// Hints about registers, dependent launches and profiling.
void translate_nothing(Assembly& assembly) {
    assembly.modifiers().drop_prefixed("");
    assembly.emit(nothing, Class::other);
}

}  // namespace

std::span<const OpcodeRow> control_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {
        {"bra", translate_bra},
        {"brx", translate_brx},
        {"call", translate_call},
        {"ret", translate_ret},
        {"exit", translate_exit},
        {"trap", translate_trap},
        {"nanosleep", translate_nanosleep},
        {"membar", translate_fence},
        {"fence", translate_fence},
        {"setmaxnreg", translate_nothing},
        {"griddepcontrol", translate_nothing},
        {"pmevent", translate_nothing},
        {"brkpt", translate_nothing},
    };
    return kOpcodes;
}

}  // namespace warpsmith::emulator
