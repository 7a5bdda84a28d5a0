// Block barriers: bar and barrier in all their forms.
#pragma once

#include <cstdint>

#include "device/emulator/block.hpp"

namespace warpsmith::emulator {

// What bar.red makes of the threads' predicates: Instruction::aux of one that has a destination.
constexpr std::uint32_t kReduceAnd = 1, kReduceOr = 2, kReducePopulation = 3;

// What a thread says when it arrives.
struct Arrival {
    std::uint32_t barrier = 0;
    std::uint32_t threads = 0;  // expected; 0: all of the block
    std::uint32_t votes = 0;    // lanes whose predicate is true
    bool waits = true;          // bar.arrive does not
};

// The lanes of the running group arrive, and it waits or goes on. When the barrier is complete its waiting groups go
// on.
void arrive(Warp& warp, std::uint32_t lanes, const Arrival& arrival);

// The lanes arrive at the barrier of their cluster; when all that live have, its waiting groups go on.
void arrive_at_cluster(Warp& warp, std::uint32_t lanes, bool releases);

// The running group goes on, or waits until the phase that it arrived in is complete.
void wait_for_cluster(Warp& warp, std::uint32_t lanes, bool acquires);

// Completes barriers that wait only for threads that have ended since.
void recheck_barriers(Block& block);

}  // namespace warpsmith::emulator
