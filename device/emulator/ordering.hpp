// Follows the synchronisation of a launch: who knows of whose accesses, after barriers, fences and atomic operations.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "device/emulator/knowledge.hpp"
#include "device/emulator/warp_order.hpp"

namespace warpsmith::emulator {

struct Block;
struct Warp;

class Ordering {
  public:
    Ordering(std::uint64_t blocks, std::uint32_t warps_per_block);

    // Warps of a block that starts.
    void start(Block& block);

    Time now() const { return now_; }
    std::uint32_t block_of(std::uint32_t actor) const { return actor / kLanes / warps_; }
    std::uint32_t warp_of(std::uint32_t actor) const { return actor / kLanes % warps_; }

    // Whether the access of `actor` at `time` is ordered before what the lane does next.
    bool knows(const WarpOrder& order, unsigned lane, std::uint32_t actor, Time time) const;

    // What all lanes of the warp know for sure, for checks of many accesses at once.
    Summary summary(const WarpOrder& order) const;

    // The lanes of a block that passed a barrier; `all` when it was for every thread that lives.
    struct Passed {
        Warp* warp = nullptr;
        std::uint32_t lanes = 0;
    };
    void pass_barrier(const Block& block, std::span<const Passed> passed, KnowledgeId arrived, bool all);
    // Lanes that arrive without waiting: what is known of all that have, with these.
    KnowledgeId arrive(WarpOrder& order, std::uint32_t lanes, KnowledgeId arrived);
    // The lanes gain what others have made known.
    void learn(WarpOrder& order, std::uint32_t lanes, KnowledgeId gained);

    // The same through an mbarrier, told by a key: lanes arrive, its phase completes, lanes see that it has.
    void arrive_at(WarpOrder& order, std::uint32_t lanes, std::uint64_t key);
    void complete(std::uint64_t key);
    void pass(WarpOrder& order, std::uint32_t lanes, std::uint64_t key);

    void sync_warp(WarpOrder& order, std::uint32_t lanes);
    void fence(WarpOrder& order, std::uint32_t lanes, Scope scope);

    // A strong access to the location `key`: reading acquires what was published there; writing publishes what the
    // lane's fences, or the operation itself, made ready. A read-modify-write continues what others have published.
    struct Strong {
        bool reads = false, writes = false, releases = false;
    };
    void access(WarpOrder& order, unsigned lane, std::uint64_t key, const Strong& how);

    // Drops knowledge that no lane of these blocks, and no location, refers to.
    void sweep(std::span<Block* const> live);
    bool crowded() const { return table_.crowded(); }

  private:
    struct Published {
        KnowledgeId device = 0, block_wide = 0;
        std::uint32_t block = 0;
    };
    void set_knowledge(WarpOrder& order, unsigned lane, KnowledgeId knowledge);
    KnowledgeId ready(WarpOrder& order, unsigned lane, Scope scope);
    void acquire(WarpOrder& order, unsigned lane, const Published& published);

    std::uint32_t warps_;  // per block
    Time now_ = 1;
    KnowledgeTable table_;
    std::unordered_map<std::uint64_t, Published> published_;
    struct Phase {
        KnowledgeId arriving = 0, passed = 0;
    };
    std::unordered_map<std::uint64_t, Phase> phases_;  // of mbarriers
};

}  // namespace warpsmith::emulator
