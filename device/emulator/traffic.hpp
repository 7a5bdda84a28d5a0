// Counts what a warp's access costs the memory system: sectors of global memory, passes over the banks of shared
// memory.
#pragma once

#include <cstdint>

#include "device/emulator/access.hpp"

namespace warpsmith::emulator {

// Adds the access to the worker's Traffic of the instruction. Nothing when the launch is not profiled.
void count_traffic(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Access& access,
                   std::uint32_t bytes, Use use);

// The same for one lane's bulk copy of consecutive bytes, which meets no conflicts.
void count_bulk_traffic(Warp& warp, const Instruction& instruction, const Region& region, std::uint64_t address,
                        std::uint64_t bytes);

}  // namespace warpsmith::emulator
