// The instructions bar, barrier and bar.warp.
#include "device/emulator/barrier.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

// `a` is the number of the barrier, `b` that of its threads (0: all), `c` the predicate of a reduction, `aux` what it
// reduces to. All lanes of a group name the same barrier.
template <bool waits>
void enter_barrier(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (!converged(warp, warp.live, true)) {
        return;
    }
    const unsigned first = first_lane(lanes);
    const Arrival arrival{.barrier = warp.source<u32>(instruction.a)[first],
                          .threads = instruction.b != 0 ? warp.source<u32>(instruction.b)[first] : 0,
                          .votes = instruction.c != 0 ? warp.mask(instruction.c) & lanes : 0,
                          .waits = waits};
    if (arrival.barrier >= kBarriers) {
        stop(warp, instruction, first, FindingKind::trap,
             "barrier " + std::to_string(arrival.barrier) + " of 16 was asked for");
        return;
    }
    if (warp.worker->barrier_check != nullptr) {
        warp.worker->barrier_check->note_entry(warp, instruction, lanes, arrival);
    }
    arrive(warp, lanes, arrival);
}

// A barrier among lanes of one warp: the lanes that it names have come together, and that is all.
void sync_warp(Warp& warp, const Instruction& instruction, u32 lanes) {
    if (converged(warp, warp.source<u32>(instruction.a)[first_lane(lanes)], false)) {
        if (warp.worker->checker != nullptr) {
            warp.worker->checker->ordering().sync_warp(*warp.order, lanes);
        }
        warp.advance();
    }
}

void translate_warp_barrier(Assembly& assembly) {
    assembly.modifiers().take("sync");
    assembly.expect_operands(1);
    assembly.emit(sync_warp, Class::barrier, 0, assembly.read(0, 32)).flow = Flow::control;
}

// `aux` says whether it publishes what came before; `order` whether all lanes of the warp must be there.
void enter_cluster(Warp& warp, const Instruction& instruction, u32 lanes) {
    if ((instruction.order & kAlignedBarrier) != 0 && !converged(warp, warp.live, true)) {
        return;
    }
    if ((warp.cluster_owed & lanes) != 0 && warp.worker->barrier_check != nullptr) {
        report(warp, instruction, first_lane(warp.cluster_owed & lanes), FindingKind::barrier_mismatch, 0,
               "a thread arrives at the cluster barrier twice without waiting in it");
    }
    arrive_at_cluster(warp, lanes, instruction.aux != 0);
    warp.advance();
}

void await_cluster(Warp& warp, const Instruction& instruction, u32 lanes) {
    if ((warp.cluster_owed & lanes) != lanes && warp.worker->barrier_check != nullptr) {
        report(warp, instruction, first_lane(lanes & ~warp.cluster_owed), FindingKind::barrier_mismatch, 0,
               "a thread waits in the cluster barrier without having arrived at it");
    }
    wait_for_cluster(warp, lanes, instruction.aux != 0);
}

void translate_cluster_barrier(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    const bool arrives = modifiers.take("arrive");
    if (!arrives && !modifiers.take("wait")) {
        throw Unsupported{"this cluster barrier"};
    }
    assembly.expect_operands(0);
    const bool relaxed = modifiers.take("relaxed");
    modifiers.take(arrives ? "release" : "acquire");
    Instruction& instruction = assembly.emit(arrives ? enter_cluster : await_cluster, Class::barrier);
    instruction.flow = Flow::control;
    instruction.aux = relaxed ? 0 : 1;
    instruction.order = modifiers.take("aligned") ? kAlignedBarrier : 0;
}

struct ReductionRow {
    std::string_view word;
    u32 kind;
};

constexpr ReductionRow kReductions[] = {{"and", kReduceAnd}, {"or", kReduceOr}, {"popc", kReducePopulation}};

u32 take_reduction(Modifiers& modifiers) {
    for (const ReductionRow& row : kReductions) {
        if (modifiers.take(row.word)) {
            modifiers.take(row.kind == kReducePopulation ? "u32" : "pred");
            return row.kind;
        }
    }
    throw Unsupported{"this reduction"};
}

// bar.red d, a{, b}, p
Instruction& translate_reduction(Assembly& assembly) {
    const u32 kind = take_reduction(assembly.modifiers());
    assembly.expect_operands(3, 4);
    const Slot number = assembly.read(1, 32);
    const Slot threads = assembly.operands() == 4 ? assembly.read(2, 32) : 0;
    const Slot predicate = assembly.read_predicate(assembly.operand(assembly.operands() - 1));
    const Operand& result = assembly.operand(0);
    const Slot target = kind == kReducePopulation ? assembly.write(result, 32) : assembly.write_predicate(result);
    Instruction& instruction = assembly.emit(enter_barrier<true>, Class::barrier, target, number, threads, predicate);
    instruction.aux = kind;
    instruction.flow = Flow::control;
    return instruction;
}

void translate_bar(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    if (modifiers.take("warp")) {
        translate_warp_barrier(assembly);
        return;
    }
    if (modifiers.take("cluster")) {
        translate_cluster_barrier(assembly);
        return;
    }
    modifiers.take("cta");
    // bar is barrier.aligned under another name.
    const bool aligned = modifiers.take("aligned") || assembly.instruction().opcode.starts_with("bar.");
    const std::uint8_t order = aligned ? kAlignedBarrier : 0;
    if (modifiers.take("red")) {
        translate_reduction(assembly).order = order;
        return;
    }
    const bool arrives = modifiers.take("arrive");
    if (!arrives && !modifiers.take("sync")) {
        throw Unsupported{"this barrier"};
    }
    assembly.expect_operands(arrives ? 2 : 1, 2);
    const Slot number = assembly.read(0, 32), threads = assembly.operands() == 2 ? assembly.read(1, 32) : 0;
    Instruction& instruction =
        assembly.emit(arrives ? enter_barrier<false> : enter_barrier<true>, Class::barrier, 0, number, threads);
    instruction.flow = Flow::control;
    instruction.order = order;
}

}  // namespace

std::span<const OpcodeRow> barrier_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"bar", translate_bar}, {"barrier", translate_bar}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
