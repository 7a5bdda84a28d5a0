#include "device/emulator/barrier.hpp"

#include <bit>
#include <string>

#include "device/emulator/schedule.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

std::uint32_t expected_threads(const Block& block, const Barrier& barrier) {
    if (barrier.expected != 0) {
        return barrier.expected;
    }
    std::uint32_t threads = 0;
    for (const Warp& warp : block.warps) {
        threads += warp.live != 0 ? kLanes : 0;
    }
    return threads;
}

// What lanes say when all of a warp that lives has arrived: it counts as 32, whatever part of it exists.
void close_warp(Barrier& barrier, const Warp& warp) {
    std::uint32_t& arrived = barrier.arrived[warp.index];
    if (arrived != 0 && (warp.live & ~arrived) == 0) {
        barrier.threads += kLanes - static_cast<std::uint32_t>(std::popcount(arrived));
        arrived = 0;
    }
}

void store_reduction(Warp& warp, const Group& group, const Barrier& barrier) {
    const Instruction& instruction = warp.program->code[group.pc - 1];
    if (instruction.dst == 0) {
        return;
    }
    std::byte* const place = warp.registers.data() + group.frame + instruction.dst;
    if (instruction.aux == kReducePopulation) {
        std::uint32_t* const result = reinterpret_cast<std::uint32_t*>(place);
        for_each_lane(group.lanes, [&](unsigned lane) { result[lane] = barrier.votes; });
        return;
    }
    const bool holds = instruction.aux == kReduceOr ? barrier.votes > 0 : barrier.votes >= barrier.arrivals;
    std::uint32_t& result = *reinterpret_cast<std::uint32_t*>(place);
    result = holds ? result | group.lanes : result & ~group.lanes;
}

// All that wait know of each other, and of those that arrived without waiting.
void note_passed(Block& block, std::uint32_t number) {
    const Barrier& barrier = block.barriers[number];
    std::vector<Ordering::Passed> passed;
    for (Warp& warp : block.warps) {
        for (const Group& group : warp.groups) {
            if (group.wait == Wait::barrier && group.barrier == number) {
                passed.push_back({&warp, group.lanes});
            }
        }
    }
    block.worker->checker->ordering().pass_barrier(block, passed, barrier.known, barrier.expected == 0);
}

void release(Block& block, std::uint32_t number) {
    Barrier& barrier = block.barriers[number];
    if (block.worker->checker != nullptr) {
        note_passed(block, number);
    }
    for (Warp& warp : block.warps) {
        for (Group& group : warp.groups) {
            if (group.wait == Wait::barrier && group.barrier == number) {
                store_reduction(warp, group, barrier);
                group.wait = Wait::none;
            }
        }
    }
    barrier = Barrier{.arrived = std::vector<std::uint32_t>(block.warps.size(), 0)};
    ++block.worker->changes;
}

void release_if_complete(Block& block, std::uint32_t number) {
    Barrier& barrier = block.barriers[number];
    if (barrier.in_use && barrier.threads >= expected_threads(block, barrier)) {
        release(block, number);
    }
}

bool all_arrived(const Cluster& cluster) {
    std::uint32_t missing = 0, arrived = 0;
    for (const std::unique_ptr<Block>& block : cluster.blocks) {
        for (const Warp& warp : block->warps) {
            missing |= warp.live & ~warp.cluster_arrived;
            arrived |= warp.cluster_arrived;
        }
    }
    return missing == 0 && arrived != 0;
}

void release_cluster_if_complete(Cluster& cluster) {
    if (!all_arrived(cluster)) {
        return;
    }
    cluster.passed = cluster.arriving;
    for (const std::unique_ptr<Block>& block : cluster.blocks) {
        for (Warp& warp : block->warps) {
            warp.cluster_arrived = 0;
            for (Group& group : warp.groups) {
                if (group.wait == Wait::barrier && group.barrier == kClusterBarrier) {
                    group.wait = Wait::none;
                }
            }
        }
    }
    ++cluster.blocks.front()->worker->changes;
}

}  // namespace

void arrive_at_cluster(Warp& warp, std::uint32_t lanes, bool releases) {
    Cluster& cluster = *warp.block->cluster;
    warp.cluster_arrived |= lanes;
    warp.cluster_owed |= lanes;
    if (releases && warp.worker->checker != nullptr) {
        cluster.arriving = warp.worker->checker->ordering().arrive(*warp.order, lanes, cluster.arriving);
    }
    warp.changed = true;
    ++warp.worker->changes;
    release_cluster_if_complete(cluster);
}

// A group that has to wait comes here again when the phase is complete.
void wait_for_cluster(Warp& warp, std::uint32_t lanes, bool acquires) {
    if ((warp.cluster_arrived & lanes) != 0) {
        wait_here(warp, Wait::barrier);
        warp.groups[warp.current].barrier = kClusterBarrier;
        return;
    }
    warp.cluster_owed &= ~lanes;
    if (acquires && warp.worker->checker != nullptr) {
        warp.worker->checker->ordering().learn(*warp.order, lanes, warp.block->cluster->passed);
    }
    warp.advance();
}

void arrive(Warp& warp, std::uint32_t lanes, const Arrival& arrival) {
    Block& block = *warp.block;
    Barrier& barrier = block.barriers[arrival.barrier];
    barrier.arrived.resize(block.warps.size(), 0);
    barrier.expected = barrier.in_use ? barrier.expected : arrival.threads;
    barrier.in_use = true;
    barrier.votes += static_cast<std::uint32_t>(std::popcount(arrival.votes));
    barrier.arrivals += static_cast<std::uint32_t>(std::popcount(lanes));
    barrier.threads += static_cast<std::uint32_t>(std::popcount(lanes));
    barrier.arrived[warp.index] |= lanes;
    close_warp(barrier, warp);
    if (!arrival.waits && block.worker->checker != nullptr) {
        barrier.known = block.worker->checker->ordering().arrive(*warp.order, lanes, barrier.known);
    }
    warp.advance();
    if (arrival.waits) {
        wait_here(warp, Wait::barrier);
        warp.groups[warp.current].barrier = arrival.barrier;
    }
    release_if_complete(block, arrival.barrier);
}

void recheck_barriers(Block& block) {
    for (std::uint32_t number = 0; number < kBarriers; ++number) {
        Barrier& barrier = block.barriers[number];
        if (barrier.in_use) {
            for (const Warp& warp : block.warps) {
                close_warp(barrier, warp);
            }
            release_if_complete(block, number);
        }
    }
    if (block.cluster->blocks.size() > 1 || block.warps.front().cluster_arrived != 0) {
        release_cluster_if_complete(*block.cluster);
    }
}

}  // namespace warpsmith::emulator
