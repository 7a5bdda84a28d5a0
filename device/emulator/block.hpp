// The state of one thread block and of the launch that it belongs to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "device/emulator/launch.hpp"
#include "device/emulator/products.hpp"
#include "device/emulator/program.hpp"
#include "device/emulator/shadow.hpp"
#include "device/emulator/warp.hpp"
#include "device/emulator/warp_order.hpp"

namespace warpsmith::emulator {

// What all blocks of a launch share and none changes.
struct Grid {
    const Program& program;
    const Function& entry;
    const LaunchConfig& config;
    std::span<const std::byte> parameters;
    std::vector<std::byte> constants;            // with the addresses of this launch in place
    std::vector<std::uint64_t> variable_places;  // [module variable]: address, or offset in shared memory
    std::size_t shared_bytes = 0;                // static and dynamic
    std::uint32_t register_bytes = 0;            // of one warp, for the deepest chain of calls that is not recursive
    std::uint32_t local_bytes = 0;               // of one thread
    std::uint32_t threads = 0;                   // of one block
    std::uint64_t blocks = 0;                    // of the grid
    std::uint64_t block_bytes = 0;               // of the host, that a block takes while it runs
    std::uint64_t workspace = 0;                 // address of a CooperativeWorkspace; 0 where no code asks for it
};

// One of the 16 barriers of a block.
struct Barrier {
    std::uint32_t threads = 0;   // that have arrived
    std::uint32_t expected = 0;  // 0: all that live
    bool in_use = false;
    std::vector<std::uint32_t> arrived;  // [warp]: lanes, of warps that have not arrived as a whole
    std::uint32_t arrivals = 0;          // lanes, those that do not exist not counted
    std::uint32_t votes = 0;             // lanes whose predicate was true, for bar.red
    KnowledgeId known = 0;               // of those that arrived without waiting, while races are checked
};
constexpr std::size_t kBarriers = 16;
constexpr std::uint32_t kClusterBarrier = kBarriers;  // Group::barrier of one that waits for its cluster

// A bulk copy into a block's shared memory that is under way; places are offsets there.
struct BulkCopy {
    std::uint64_t barrier = 0, target = 0;
    std::vector<std::byte> data;
    void (*combine)(std::byte* to, const std::byte* from) = nullptr;  // of a reduction; else bytes are copied
    std::uint32_t element_bytes = 0;
    Warp* warp = nullptr;  // that started it
    unsigned lane = 0;
    std::uint32_t pc = 0;
};

// What a copy out of shared memory writes in one go: `at` counts in its data.
struct OutgoingRun {
    std::uint64_t address = 0;
    std::uint64_t at = 0, bytes = 0;
};

// A bulk copy out of a block's shared memory that is under way.
struct OutgoingCopy {
    std::uint64_t source = 0, bytes = 0;  // offset in shared memory
    std::vector<OutgoingRun> runs;
    std::uint8_t swizzle = 0;                                         // a Swizzle
    void (*combine)(std::byte* to, const std::byte* from) = nullptr;  // of a reduction; else bytes are copied
    std::uint32_t element_bytes = 0;                                  // of a reduction
    std::vector<std::byte> data;                                      // once the source was read
    Warp* warp = nullptr;                                             // that started it
    unsigned lane = 0;
    std::uint32_t pc = 0;
    std::uint32_t group = 0;  // the lane's commit group
};

struct Cluster;

struct Block {
    const Grid* grid = nullptr;
    Worker* worker = nullptr;
    Cluster* cluster = nullptr;
    std::array<std::uint32_t, 3> index = {0, 0, 0};
    std::uint64_t linear = 0;
    std::uint32_t rank = 0;  // in the cluster
    std::vector<Warp> warps;
    std::vector<std::byte> shared;
    std::vector<std::byte> local;  // [thread][local_bytes]
    std::array<Barrier, kBarriers> barriers;
    std::vector<WarpOrder> orders;       // of each warp, while races are checked
    std::vector<WarpProducts> products;  // likewise, of a program with wgmma
    Shadow shadow;                       // of shared memory, likewise
    ByteSet written;                     // bytes of shared memory, while uninitialised reads are checked
    std::vector<BulkCopy> bulk;          // in the order in which they were started
    std::vector<OutgoingCopy> outgoing;  // likewise
    std::uint64_t random = 0;            // state of the block's own random numbers

    bool finished() const;
    std::uint32_t live_threads() const;
};

// Blocks that run together and see each other's shared memory.
struct Cluster {
    std::array<std::uint32_t, 3> index = {0, 0, 0};
    std::vector<std::unique_ptr<Block>> blocks;  // by rank
    // While races are checked: what those know that have arrived at the cluster barrier, and that of its last phase.
    KnowledgeId arriving = 0, passed = 0;
    Time proxy_fenced = 0;  // when the last fence.proxy was executed
};

// Next number of a splitmix64 sequence.
inline std::uint64_t next_random(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

}  // namespace warpsmith::emulator
