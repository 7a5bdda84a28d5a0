// Which group of a warp's lanes runs next, and how control instructions move groups about.
//
// Of the groups that can run, the one in the innermost call, and there the one at the lowest address, goes first: so it
// meets the others where their paths join again. A group that spins steps back, so that the lanes it waits for run.
#pragma once

#include <cstdint>

#include "device/emulator/warp.hpp"

namespace warpsmith::emulator {

enum class Turn : std::uint8_t {
    finished,  // all lanes have ended
    blocked,   // waits for other warps
    yielded,   // spins
    paused,    // could go on
};

// Runs a warp for about `quantum` instructions, or until none of its groups can go on.
Turn run_warp(Warp& warp, std::uint64_t quantum);

// Below: for handlers of control instructions, about the running group.

// The lanes leave the group for one of their own at `pc`.
void split_group(Warp& warp, std::uint32_t lanes, std::uint32_t pc);

// The group waits where it stands; another one is picked.
void wait_here(Warp& warp, Wait wait);

// The group goes to `target`; when it has been spinning, it yields there.
void jump(Warp& warp, std::uint32_t target);

// These lanes of the group end.
void end_lanes(Warp& warp, std::uint32_t lanes);

// Whether the group may execute a collective for `members` now: those of them that have not ended are all in it.
// Otherwise it waits, and the handler is to return at once. `forgiving` instructions go on with fewer once nobody else
// in the warp can run.
bool converged(Warp& warp, std::uint32_t members, bool forgiving);

}  // namespace warpsmith::emulator
