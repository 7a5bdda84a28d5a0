// cp.async: copies that a thread starts and that are done once it has waited for them.
#pragma once

#include <optional>

#include "device/emulator/assembly.hpp"
#include "device/emulator/block.hpp"
#include "device/emulator/warp.hpp"

namespace warpsmith::emulator {

// Carries out the copies of `lanes` that are older than their `kept` newest commit groups. What is not waited for is
// not done: a kernel that forgets to wait sees what was there before.
void complete_copies(Warp& warp, std::uint32_t lanes, std::uint32_t kept);

// A bulk copy into this block's shared memory starts: whoever touches its target is in a race with it. And ends.
void start_bulk_copy(Block& block, BulkCopy copy);
void finish_bulk_copy(Block& block, const BulkCopy& copy);

// The same in this block, or in those of the cluster whose bits `mask` has.
void start_bulk_copies(Block& block, BulkCopy copy, std::optional<std::uint32_t> mask);

// cp.async.bulk, cp.reduce.async.bulk, their .tensor forms and cp.async.mbarrier.arrive, by what comes behind these
// words.
void translate_bulk(Assembly& assembly, bool reduces);
void translate_bulk_tensor(Assembly& assembly, bool reduces, bool prefetches);
void translate_arrival_after_copies(Assembly& assembly);

}  // namespace warpsmith::emulator
