// What one host thread keeps while it runs blocks: counters, findings and recently used memory.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "device/emulator/access.hpp"
#include "device/emulator/barrier_check.hpp"
#include "device/emulator/block.hpp"
#include "device/emulator/checker.hpp"

namespace warpsmith::emulator {

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

    std::unique_ptr<Checker> checker;             // null when neither races nor uninitialised reads are looked for
    std::unique_ptr<BarrierCheck> barrier_check;  // null when barriers are not checked

    std::array<Region, 64> recent;  // global memory that an instruction used last, by pc

    // Of printf: which block printed what, in the order in which it came.
    std::vector<std::pair<std::uint64_t, std::string>> output;
    std::size_t output_bytes = 0;

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
