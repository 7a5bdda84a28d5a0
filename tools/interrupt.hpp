// Ctrl-C as a flag that long work looks at, so that it can stop and keep what it has.
#pragma once

#include <atomic>

namespace warpsmith {

// From now on the first SIGINT or SIGTERM sets the flag; a second one ends the program at once.
const std::atomic<bool>& watch_for_interrupt();

}  // namespace warpsmith
