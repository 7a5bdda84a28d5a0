// Sums up what the workers of a launch counted.
#pragma once

#include <span>

#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {

// With `by_line`, also per source line.
Counts tally(const Program& program, std::span<const Worker> workers, bool by_line);

}  // namespace warpsmith::emulator
