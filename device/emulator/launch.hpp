// Executes a kernel of a module on emulated memory: what `launch` takes and what it tells.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "device/emulator/counts.hpp"
#include "device/emulator/memory.hpp"
#include "device/emulator/module.hpp"

namespace warpsmith::emulator {

// Out-of-bounds and misaligned accesses, traps, deadlocks and unsupported instructions are always found.
struct Checks {
    bool uninitialised =
        false;              // reads of shared or global memory that nothing wrote; use of freed memory is always found
    bool races = false;     // conflicting accesses of threads that no barrier or synchronisation orders
    bool barriers = false;  // divergent barriers and barriers whose thread counts do not match
    bool any() const { return uninitialised || races || barriers; }
};
constexpr Checks kAllChecks{.uninitialised = true, .races = true, .barriers = true};

struct LaunchConfig {
    std::array<unsigned, 3> grid = {1, 1, 1};
    std::array<unsigned, 3> block = {1, 1, 1};
    std::array<unsigned, 3> cluster = {1, 1, 1};
    std::size_t dynamic_smem = 0;  // bytes
    std::uint64_t seed = 0;        // another order in which warps and blocks take turns
    Checks checks;
    bool profile = false;                                       // count sectors, bank conflicts and source lines too
    std::uint64_t max_steps = 20'000'000'000;                   // warp-instructions, after which a launch is given up
    std::uint64_t max_resident_bytes = std::uint64_t{8} << 30;  // of the host, for blocks that run at a time
    unsigned threads = 1;  // of the host; used where the kernel's blocks are independent
};

enum class FindingKind : std::uint8_t {
    out_of_bounds,
    misaligned,
    uninitialised_read,
    race,
    divergent_barrier,
    barrier_mismatch,
    deadlock,
    trap,
    unsupported_instruction,
};

// "out_of_bounds" and so on.
std::string_view name_of(FindingKind kind);

// One defect; a defect that many threads show at one instruction is reported once, for the first of them.
struct Finding {
    FindingKind kind = FindingKind::trap;
    std::string file;  // of the source; empty when the PTX has no line information
    unsigned line = 0;
    std::array<unsigned, 3> block = {0, 0, 0};
    std::array<unsigned, 3> thread = {0, 0, 0};
    std::uint64_t address = 0;
    std::string message;
};

struct LaunchResult {
    std::vector<Finding> findings;
    Counts counts;
    bool completed = false;  // every thread ran to its end
    std::string output;      // of printf, by block
};

// Runs `entry` over the grid. `parameters` holds the kernel parameters at the offsets that the module tells. Findings
// and results depend on the seed only, not on the number of host threads. Throws Error when the launch itself is wrong:
// no such kernel, parameters of another size, a shape beyond what a GPU takes.
LaunchResult launch(const Module& module, std::string_view entry, const LaunchConfig& config,
                    std::span<const std::byte> parameters, Memory& memory);

}  // namespace warpsmith::emulator
