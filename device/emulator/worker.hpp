// What one host thread keeps while it runs blocks: counters, findings and recently used memory.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "device/emulator/block.hpp"

namespace warpsmith::emulator {

// A contiguous piece of memory that lanes may use.
struct Region {
    std::uint64_t first = 0, last = 0;  // [first, last): addresses
    std::byte* host = nullptr;          // of the byte at `first`
    std::uint64_t lane_stride = 0;      // local memory: between the bytes of neighbouring lanes
    Allocation* allocation = nullptr;   // global memory
    Block* owner = nullptr;             // shared memory
    bool writable = true;
};

struct Worker {
    const Grid* grid = nullptr;
    Memory* memory = nullptr;
    std::atomic<std::uint64_t>* steps = nullptr;  // warp-instructions of the launch
    bool stopped = false;                         // by a trap or an unsupported instruction
    std::uint64_t time = 0;                       // of the clock registers, beyond what the warp itself executed
    std::uint64_t changes = 0;                    // of memory, and barriers passed: what tells progress from spinning

    // Executions per instruction, as differences: [pc] is how many more ran at pc than at pc - 1.
    std::vector<std::int64_t> warp_steps, lane_steps;
    std::vector<std::uint64_t> lanes_skipped;  // by guards
    std::vector<Traffic> traffic;              // [pc]; empty unless profiled

    std::array<Region, 64> recent;  // global memory that an instruction used last, by pc

    struct Seen {
        std::uint64_t block = 0;
        Finding finding;
    };
    std::map<std::pair<FindingKind, std::uint32_t>, Seen> findings;  // the first one per kind and instruction
};

// Notes a defect at `instruction` of the lane `lane`.
void report(Warp& warp, const Instruction& instruction, unsigned lane, FindingKind kind, std::uint64_t address,
            std::string message);

// Whether this defect was reported at this instruction already by a block that comes no later: its message need not be
// made.
bool reported(const Warp& warp, const Instruction& instruction, FindingKind kind);

// The same, and ends the launch.
void stop(Warp& warp, const Instruction& instruction, unsigned lane, FindingKind kind, std::string message);

// Index of a lane's thread in its block.
std::array<std::uint32_t, 3> thread_index(const Warp& warp, unsigned lane);

}  // namespace warpsmith::emulator
