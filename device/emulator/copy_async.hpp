// cp.async: copies that a thread starts and that are done once it has waited for them.
#pragma once

#include "device/emulator/assembly.hpp"
#include "device/emulator/block.hpp"
#include "device/emulator/warp.hpp"

namespace warpsmith::emulator {

// Carries out the copies of `lanes` that are older than their `kept` newest commit groups. What is not waited for is
// not done: a kernel that forgets to wait sees what was there before.
void complete_copies(Warp& warp, std::uint32_t lanes, std::uint32_t kept);

// Tells the checks that a bulk copy into this block starts or ends.
void check_bulk(Block& block, const BulkCopy& copy, bool starts);

// cp.async.bulk and cp.async.mbarrier.arrive, by what comes behind these words.
void translate_bulk(Assembly& assembly);
void translate_arrival_after_copies(Assembly& assembly);

}  // namespace warpsmith::emulator
