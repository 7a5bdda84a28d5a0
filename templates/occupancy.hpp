// What a block takes of an SM, how many blocks and clusters are resident, and which limit decides it.
#pragma once

#include <cstdint>
#include <string>

#include "solver/model.hpp"
#include "templates/target.hpp"

namespace warpsmith {

// The units are those of the CUDA occupancy calculator (cuda_occupancy.h of CUDA 13.0) for sm_80 and later. Registers
// are handed out to whole warps by 256, 8 per thread. Shared memory of a block is rounded up to 128 bytes (256 on
// sm_7x).
inline constexpr std::int64_t kWarpThreads = 32;
inline constexpr std::int64_t kRegisterUnit = 8;
inline constexpr std::int64_t kSmemUnit = 128;
inline constexpr std::int64_t kSchedulers = 4;  // of an SM, each with a quarter of its warps and registers

struct Occupancy {
    std::int64_t blocks_per_sm = 0;  // 0 when not even one block fits
    std::string limited_by;          // "threads", "registers", "shared memory", "blocks"
};

// smem_bytes is dynamic plus static shared memory of a block, without what the system reserves.
Occupancy occupancy(const Target& target, std::int64_t threads, std::int64_t registers_per_thread,
                    std::int64_t smem_bytes);

// Registers per thread that a block of `threads` may use at most so that it can be resident at all: the register file
// shared out, in whole units, and never more than the instruction set can name.
Expr registers_available(const Target& target, const Expr& threads);

// Shared memory that a block may use at most so that it can be resident at all. A limit per block that is greater than
// an SM has, as a made-up target can have it, does not help. Never negative.
std::int64_t smem_available(const Target& target);

// What one block of a kernel uses, and what to tell the user when it is too much.
struct BlockResources {
    Expr threads, registers, smem_bytes;
    std::string register_reason, smem_reason;
};

// Requires that a block can be resident. Defines smem_bytes, registers and registers_available for explanations; gives
// back the first.
Expr require_resident(Model& model, const Target& target, const BlockResources& block);

// Blocks of a cluster at most (CUDA C++ Programming Guide, thread block clusters: 8 everywhere from sm_90 on, 16 where
// a kernel asks for it on sm_90 and sm_100); 1 where there are none.
std::int64_t largest_cluster(const Target& target);

// Clusters of so many blocks that are resident together. A cluster stays within one group of SMs (a GPC), and the
// groups are uneven: 132 SMs hold 15 clusters of 8, one block per SM. Counted by the driver for 132 SMs of sm_90a;
// otherwise as many as the SMs could hold if they were one group, which can be too many: clusters that wait for one
// another need a count.
std::int64_t resident_clusters(const Target& target, std::int64_t blocks, std::int64_t blocks_per_sm);

}  // namespace warpsmith
