#include "device/emulator/schedule.hpp"

#include <algorithm>
#include <bit>

#include "device/emulator/barrier.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

// Backward branches after which a group lets the others of its warp go on: long for a loop, short for a lane that
// waits.
constexpr std::uint32_t kPatience = 1U << 16;

bool before(const Group& one, const Group& other) {
    return one.frame != other.frame ? one.frame > other.frame : one.pc < other.pc;
}

// Groups that stand together become one, which may then have the lanes that it waited for.
void merge_groups(Warp& warp) {
    std::vector<Group>& groups = warp.groups;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        for (std::size_t j = groups.size() - 1; j > i; --j) {
            const bool waiting = groups[i].wait == Wait::barrier || groups[j].wait == Wait::barrier;
            if (!waiting && groups[i].together(groups[j])) {
                groups[i].lanes |= groups[j].lanes;
                groups[i].wait = Wait::none;
                groups[i].alone = false;
                BarrierCheck::merge(groups[i], groups[j]);
                groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(j));
            }
        }
    }
}

// The group to run next; groups.size() when none can.
std::size_t next_group(const Warp& warp) {
    std::size_t best = warp.groups.size();
    for (std::size_t i = 0; i < warp.groups.size(); ++i) {
        if (warp.groups[i].wait == Wait::none &&
            (best == warp.groups.size() || before(warp.groups[i], warp.groups[best]))) {
            best = i;
        }
    }
    return best;
}

// When no group can run, one that waits for lanes of others is told that they will not come.
std::size_t give_up_waiting(Warp& warp) {
    std::size_t best = warp.groups.size();
    for (std::size_t i = 0; i < warp.groups.size(); ++i) {
        const Group& group = warp.groups[i];
        if (group.wait == Wait::yielded) {
            return warp.groups.size();
        }
        if (group.wait == Wait::converge && !group.alone &&
            (best == warp.groups.size() || before(group, warp.groups[best]))) {
            best = i;
        }
    }
    if (best < warp.groups.size()) {
        warp.groups[best].wait = Wait::none;
        warp.groups[best].alone = true;
    }
    return best;
}

void pack(Warp& warp) {
    Group& group = warp.groups[warp.current];
    group.pc = warp.pc;
    group.lanes = warp.active;
    group.frame = warp.frame;
    group.local = warp.local;
}

bool pick(Warp& warp) {
    merge_groups(warp);
    std::size_t best = next_group(warp);
    if (best == warp.groups.size()) {
        best = give_up_waiting(warp);
    }
    if (best == warp.groups.size()) {
        return false;
    }
    const Group& group = warp.groups[best];
    warp.current = best;
    warp.pc = group.pc;
    warp.active = group.lanes;
    warp.local = group.local;
    warp.enter(group.frame);
    warp.reschedule = false;
    if (warp.worker->barrier_check != nullptr) {
        warp.worker->barrier_check->note_arrival_at_join(warp);
    }
    return true;
}

// Where the running group has to stop because another one stands there, or should come there.
std::uint32_t meeting_point(const Warp& warp) {
    std::uint32_t limit =
        warp.worker->barrier_check != nullptr ? warp.worker->barrier_check->next_join(warp) : kNoReturn;
    for (std::size_t i = 0; i < warp.groups.size(); ++i) {
        const Group& other = warp.groups[i];
        if (i != warp.current && other.wait != Wait::barrier && other.frame == warp.frame && other.pc > warp.pc) {
            limit = std::min(limit, other.pc);
        }
    }
    return limit;
}

void count(Worker& worker, std::uint32_t first, std::uint32_t last, std::uint32_t lanes) {
    const std::int64_t threads = std::popcount(lanes);
    worker.warp_steps[first] += 1;
    worker.warp_steps[last] -= 1;
    worker.lane_steps[first] += threads;
    worker.lane_steps[last] -= threads;
}

void run_straight(Warp& warp, std::uint32_t stop) {
    const std::uint32_t active = warp.active;
    const Instruction* const code = warp.program->code.data();
    for (const Instruction* i = code + warp.pc; i != code + stop; ++i) {
        std::uint32_t lanes = active;
        if (i->guarded) {
            lanes &= warp.mask(i->guard) ^ i->guard_flip;
            warp.worker->lanes_skipped[static_cast<std::size_t>(i - code)] +=
                static_cast<std::uint64_t>(std::popcount(active & ~lanes));
            if (lanes == 0) {
                continue;
            }
        }
        i->run(warp, *i, lanes);
    }
    count(*warp.worker, warp.pc, stop, active);
    warp.executed += stop - warp.pc;
    warp.last = stop - 1;
    warp.pc = stop;
}

void run_control(Warp& warp) {
    const Instruction& instruction = warp.program->code[warp.pc];
    count(*warp.worker, warp.pc, warp.pc + 1, warp.active);
    ++warp.executed;
    std::uint32_t lanes = warp.active;
    if (instruction.guarded) {
        lanes &= warp.mask(instruction.guard) ^ instruction.guard_flip;
        const std::uint32_t skipped = warp.active & ~lanes;
        warp.worker->lanes_skipped[warp.pc] += static_cast<std::uint64_t>(std::popcount(skipped));
        if (lanes == 0) {
            warp.advance();
            return;
        }
        if (skipped != 0 && instruction.flow == Flow::control) {
            split_group(warp, skipped, warp.pc + 1);
        }
    }
    instruction.run(warp, instruction, lanes);
}

void run_group(Warp& warp, std::uint64_t end) {
    const std::uint32_t* const next_control = warp.program->next_control.data();
    warp.backward = 0;
    while (!warp.reschedule && warp.executed < end) {
        const std::uint32_t limit = meeting_point(warp);
        const std::uint32_t stop = std::min(next_control[warp.pc], limit);
        if (stop > warp.pc) {
            run_straight(warp, stop);
        }
        if (warp.pc == limit) {
            break;
        }
        run_control(warp);
        if (warp.groups.size() > 1) {
            break;
        }
    }
    if (!warp.reschedule) {
        pack(warp);
    }
}

}  // namespace

Turn run_warp(Warp& warp, std::uint64_t quantum) {
    for (Group& group : warp.groups) {
        group.wait = group.wait == Wait::yielded ? Wait::none : group.wait;
    }
    const std::uint64_t end = warp.executed + quantum;
    while (warp.executed < end && !warp.worker->stopped && !warp.finished()) {
        if (!pick(warp)) {
            const bool spins = std::any_of(warp.groups.begin(), warp.groups.end(),
                                           [](const Group& group) { return group.wait == Wait::yielded; });
            return spins ? Turn::yielded : Turn::blocked;
        }
        run_group(warp, end);
    }
    return warp.finished() ? Turn::finished : Turn::paused;
}

void split_group(Warp& warp, std::uint32_t lanes, std::uint32_t pc) {
    Group leaving{.pc = pc, .lanes = lanes, .frame = warp.frame, .local = warp.local};
    if (warp.worker->barrier_check != nullptr) {
        warp.worker->barrier_check->note_split(warp, leaving);
    }
    warp.groups.push_back(std::move(leaving));
    warp.active &= ~lanes;
}

void wait_here(Warp& warp, Wait wait) {
    pack(warp);
    warp.groups[warp.current].wait = wait;
    warp.reschedule = true;
}

void jump(Warp& warp, std::uint32_t target) {
    const bool backward = target <= warp.pc;
    warp.pc = target;
    if (!backward) {
        return;
    }
    const bool spins = warp.polled && !warp.changed;
    warp.polled = warp.changed = false;
    if (spins || (++warp.backward >= kPatience && warp.groups.size() > 1)) {
        wait_here(warp, Wait::yielded);
    }
}

void end_lanes(Warp& warp, std::uint32_t lanes) {
    warp.live &= ~lanes;
    warp.active &= ~lanes;
    if (warp.active == 0) {
        warp.groups.erase(warp.groups.begin() + static_cast<std::ptrdiff_t>(warp.current));
        warp.reschedule = true;
    }
    for (Group& group : warp.groups) {
        if (group.wait == Wait::converge) {  // it may have waited for these
            group.wait = Wait::none;
            group.alone = false;
        }
    }
    ++warp.worker->changes;
    if (warp.finished() && warp.worker->barrier_check != nullptr) {
        warp.worker->barrier_check->note_end(warp, warp.last);
    }
    recheck_barriers(*warp.block);
}

bool converged(Warp& warp, std::uint32_t members, bool forgiving) {
    if ((members & warp.live & ~warp.active) == 0 || (forgiving && warp.groups[warp.current].alone)) {
        warp.groups[warp.current].alone = false;
        return true;
    }
    const bool alone = warp.groups[warp.current].alone;
    wait_here(warp, Wait::converge);
    warp.groups[warp.current].alone = alone;
    return false;
}

}  // namespace warpsmith::emulator
