// Which accesses of other threads have happened before the present of a thread: vector clocks, by block and warp.
//
// Time is one counter of the launch, which moves on at every synchronisation; an access carries the time at which it
// was made. A thread's knowledge says, for each warp, up to which time that warp's accesses are ordered before its own
// next ones. Threads that have passed a barrier together share one knowledge, so knowledges are values in a table, told
// by number.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace warpsmith::emulator {

using Time = std::uint32_t;
using KnowledgeId = std::uint32_t;

// What every lane of a warp knows: of accesses up to which time, of which actors.
struct Summary {
    Time everyone = 0;     // of all
    Time block_floor = 0;  // of [block_first, block_first + block_actors)
    Time mutual = 0;       // of the warp's own 32 lanes, from first_actor on
    std::uint32_t block_first = 0, block_actors = 0;
    std::uint32_t first_actor = 0;
};

// What is known of the warps of one block.
struct BlockView {
    std::uint32_t block = 0;
    Time floor = 0;                                       // of all its warps
    std::vector<std::pair<std::uint32_t, Time>> further;  // (warp, time) of those of which more is known
};

struct Knowledge {
    std::vector<BlockView> views;  // by block; of others nothing is known
    Time everyone = 0;             // of all warps of the grid

    const BlockView* find(std::uint32_t block) const;
    BlockView& of(std::uint32_t block);
    Time known(std::uint32_t block, std::uint32_t warp) const;
};

class KnowledgeTable {
  public:
    explicit KnowledgeTable(std::uint64_t blocks) : blocks_(blocks), entries_(1) {}

    // Number 0 knows nothing.
    const Knowledge& at(KnowledgeId id) const { return entries_[id]; }

    KnowledgeId join(KnowledgeId one, KnowledgeId other);

    // `id` and the given warps of a block up to `time`; with no warps given, all of that block.
    KnowledgeId extend(KnowledgeId id, std::uint32_t block, std::span<const std::uint32_t> warps, Time time);

    // Whether so many have been made since the last sweep that it is worth one.
    bool crowded() const { return made_ > kSweepAfter; }

    // Forgets all that are not `used`, by number.
    void sweep(const std::vector<bool>& used);
    std::size_t size() const { return entries_.size(); }

  private:
    static constexpr std::size_t kSweepAfter = 4096;
    KnowledgeId add(Knowledge knowledge);

    std::uint64_t blocks_;
    std::vector<Knowledge> entries_;
    std::vector<KnowledgeId> free_;
    std::size_t made_ = 0;
};

}  // namespace warpsmith::emulator
