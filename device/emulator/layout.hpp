// Where a kernel's variables lie, and how much memory its calls take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "device/emulator/memory.hpp"
#include "device/emulator/program.hpp"

namespace warpsmith::emulator {

// Frames of one warp, beyond which recursion has gone astray. A frame of 4 KiB is called 16384 deep.
constexpr std::size_t kDeepestStack = std::size_t{64} << 20;

struct EntryLayout {
    std::vector<std::uint64_t> shared_offsets;  // [module variable]: address in shared memory; 0 for others
    std::size_t static_smem_bytes = 0;
    std::uint32_t register_bytes = 0;  // of one warp
    std::uint32_t local_bytes = 0;     // of one thread
};

// Follows the calls of a kernel. Recursive and indirect ones get room for a deep stack.
EntryLayout layout_of(const Program& program, const Function& entry);

// Addresses of the module's global and constant variables in this memory, and zero for others. The first time they are
// allocated and get their initial values.
const std::vector<std::uint64_t>& global_addresses(const std::shared_ptr<const Program>& program, Memory& memory);

}  // namespace warpsmith::emulator
