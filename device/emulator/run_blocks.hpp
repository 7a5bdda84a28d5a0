// Runs blocks on one host thread until none is left.
#pragma once

#include <atomic>
#include <cstdint>

#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {

// Takes cluster after cluster from `next`, the number of the next one to start, and runs them to their end. Those that
// wait for others stay while more are started.
void run_blocks(Worker& worker, std::atomic<std::uint64_t>& next);

}  // namespace warpsmith::emulator
