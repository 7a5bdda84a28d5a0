#include "device/emulator/barrier_check.hpp"

#include <algorithm>
#include <string>

#include "device/emulator/check.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

std::string thread_count(std::uint32_t threads) {
    return threads == 0 ? std::string("all threads") : std::to_string(threads) + " threads";
}

bool waits_at_aligned_barrier(const Warp& warp, const Group& group) {
    const Instruction& instruction = warp.program->code[group.pc];
    return group.wait == Wait::converge && (instruction.order & kAlignedBarrier) != 0;
}

}  // namespace

void BarrierCheck::note_split(Warp& warp, Group& leaving) {
    Group& staying = warp.groups[warp.current];
    // Lanes that a guard keeps from one instruction meet the others right behind it.
    const bool branches = warp.program->code[warp.pc].successor != Successor::next;
    staying.splits.push_back({++splits_, branches ? flow_.join(warp.pc) : warp.pc + 1, warp.frame});
    leaving.splits = staying.splits;
}

void BarrierCheck::note_arrival_at_join(Warp& warp) {
    Group& arrived = warp.groups[warp.current];
    while (!arrived.splits.empty() && arrived.splits.back().join == warp.pc &&
           arrived.splits.back().frame == warp.frame) {
        const std::uint64_t split = arrived.splits.back().number;
        arrived.splits.pop_back();
        for (Group& group : warp.groups) {
            const bool before_join = std::any_of(group.splits.begin(), group.splits.end(),
                                                 [&](const Split& held) { return held.number == split; });
            if (before_join && waits_at_aligned_barrier(warp, group)) {
                group.left_behind = true;
            }
        }
    }
}

std::uint32_t BarrierCheck::next_join(const Warp& warp) const {
    const std::vector<Split>& splits = warp.groups[warp.current].splits;
    return splits.empty() || splits.back().frame != warp.frame || splits.back().join <= warp.pc ? kNoReturn
                                                                                                : splits.back().join;
}

void BarrierCheck::merge(Group& group, const Group& other) {
    std::size_t common = 0;
    while (common < std::min(group.splits.size(), other.splits.size()) &&
           group.splits[common].number == other.splits[common].number) {
        ++common;
    }
    group.splits.resize(common);
    group.left_behind = group.left_behind || other.left_behind;
}

void BarrierCheck::note_entry(Warp& warp, const Instruction& instruction, std::uint32_t lanes,
                              const Arrival& arrival) const {
    Group& group = warp.groups[warp.current];
    const bool apart = (warp.live & ~lanes) != 0;
    if ((instruction.order & kAlignedBarrier) != 0 && (apart || group.left_behind)) {
        report(warp, instruction, first_lane(lanes), FindingKind::divergent_barrier, 0,
               "a part of the warp is in the barrier without the other lanes, which went another way,");
    }
    group.left_behind = false;
    const Barrier& barrier = warp.block->barriers[arrival.barrier];
    if (barrier.in_use && barrier.expected != arrival.threads) {
        report(warp, instruction, first_lane(lanes), FindingKind::barrier_mismatch, 0,
               "barrier " + std::to_string(arrival.barrier) + " is entered for " + thread_count(arrival.threads) +
                   " while others wait in it for " + thread_count(barrier.expected));
    } else if (arrival.threads % kLanes != 0) {
        report(warp, instruction, first_lane(lanes), FindingKind::barrier_mismatch, 0,
               "a barrier for " + thread_count(arrival.threads) + ", which are no whole warps,");
    } else if (arrival.threads > warp.block->warps.size() * kLanes) {
        report(warp, instruction, first_lane(lanes), FindingKind::barrier_mismatch, 0,
               "a barrier for " + thread_count(arrival.threads) + ", more than the block has,");
    }
}

void BarrierCheck::note_end(Warp& warp, std::uint32_t last) const {
    for (Warp& other : warp.block->warps) {
        for (const Group& group : other.groups) {
            const bool in_barrier = group.wait == Wait::barrier && group.barrier != kClusterBarrier &&
                                    warp.block->barriers[group.barrier].expected == 0;
            if (in_barrier && other.index != warp.index && flow_.always_reaches(group.pc - 1, last)) {
                report(other, warp.program->code[group.pc - 1], first_lane(group.lanes), FindingKind::barrier_mismatch,
                       0,
                       "warp " + std::to_string(warp.index) + " ended without coming to the barrier that warp " +
                           std::to_string(other.index) + " waits in,");
                return;
            }
        }
    }
}

}  // namespace warpsmith::emulator
