// The state of one warp: its registers and the groups of lanes that stand at one instruction together.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "device/emulator/program.hpp"

namespace warpsmith::emulator {

struct Block;
struct WarpOrder;
struct WarpProducts;
struct Worker;

// Why a group does not run.
enum class Wait : std::uint8_t {
    none,
    converge,  // at an instruction that wants lanes of other groups; goes on without them once they cannot come, if it
               // may
    barrier,   // in a block or cluster barrier
    yielded,   // spins: let others go first
};

// A branch that took the lanes of a group apart, and where they should meet again.
struct Split {
    std::uint64_t number = 0;
    std::uint32_t join = 0;
    std::uint32_t frame = 0;
};

// Lanes of a warp that stand at one instruction, in one frame.
struct Group {
    std::uint32_t pc = 0;
    std::uint32_t lanes = 0;
    std::uint32_t frame = 0;  // byte offset in Warp::registers
    std::uint32_t local = 0;  // byte offset of the function's variables in each lane's local memory
    Wait wait = Wait::none;
    bool alone = false;         // the lanes it waited for cannot come: go on without them, if that may be
    std::uint32_t barrier = 0;  // that it waits in
    // While barriers are checked: branches that it has not met the others of again, and whether these have gone on to
    // where they should have met, while it waits in a barrier.
    std::vector<Split> splits;
    bool left_behind = false;

    bool together(const Group& other) const { return pc == other.pc && frame == other.frame && local == other.local; }
};

// A cp.async of some lanes, carried out when a wait says that it must be done.
struct PendingCopy {
    std::uint32_t lanes = 0;
    std::uint32_t bytes = 0;
    std::uint32_t pc = 0;
    std::uint32_t group[kLanes] = {};         // the lane's commit group
    std::uint32_t source_bytes[kLanes] = {};  // fewer than bytes: the rest is zeros
    const std::byte* source[kLanes] = {};
    std::uint64_t address[kLanes] = {};  // of the target, for the checks
    std::byte* target[kLanes] = {};
};

struct Warp {
    // The running group, unpacked; groups[current] is stale while it runs.
    const std::byte* bases[2] = {nullptr, nullptr};  // frame, constants
    std::uint32_t pc = 0;
    std::uint32_t active = 0;
    std::uint32_t frame = 0;
    std::uint32_t local = 0;
    bool reschedule = false;  // set by a control handler: the running group waits, split or ended
    bool polled = false;      // a load or atomic that may be part of a spin loop ran since the last backward branch
    bool changed = false;     // memory was changed since then

    const Program* program = nullptr;
    Block* block = nullptr;
    Worker* worker = nullptr;
    WarpOrder* order = nullptr;        // while races are checked
    WarpProducts* products = nullptr;  // likewise, of a program with wgmma
    std::uint32_t index = 0;           // in the block
    std::uint32_t live = 0;            // lanes that have not ended
    std::uint32_t born = 0;            // lanes that exist
    std::size_t current = 0;
    std::uint64_t executed = 0;
    std::uint32_t last = 0;      // straight instruction that ran last
    std::uint32_t backward = 0;  // branches taken since the group was picked
    std::vector<Group> groups;
    std::vector<std::byte> registers;
    std::vector<PendingCopy> copies;
    std::uint32_t committed[kLanes] = {};       // commit groups closed, per lane
    std::uint32_t bulk_committed[kLanes] = {};  // of bulk copies
    std::uint32_t cluster_arrived = 0;          // lanes that have arrived in this phase of the cluster barrier
    std::uint32_t cluster_owed = 0;             // lanes that have arrived at it and not waited yet

    template <class T>
    const T* source(Slot slot) const {
        return reinterpret_cast<const T*>(bases[slot >> 31] + (slot & ~kInConstants));
    }
    template <class T>
    T* target(Slot slot) {
        return reinterpret_cast<T*>(registers.data() + frame + slot);
    }
    // A predicate.
    std::uint32_t mask(Slot slot) const { return *source<std::uint32_t>(slot); }

    void enter(std::uint32_t frame_offset) {
        frame = frame_offset;
        bases[0] = registers.data() + frame;
    }
    void advance() { ++pc; }
    bool finished() const { return live == 0; }
};

inline unsigned first_lane(std::uint32_t lanes) {
    return static_cast<unsigned>(std::countr_zero(lanes));
}

// Calls `body(lane)` for each of `lanes`.
template <class Body>
inline void for_each_lane(std::uint32_t lanes, Body body) {
    for (; lanes != 0; lanes &= lanes - 1) {
        body(first_lane(lanes));
    }
}

}  // namespace warpsmith::emulator
