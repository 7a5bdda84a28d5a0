// What benches tell of a candidate, in one way.
#pragma once

#include "device/device.hpp"
#include "generator/compile.hpp"
#include "tuner/bench.hpp"

namespace warpsmith {

DeviceFacts facts_of(const Device& device);

// Of a build: its resources, or what the compiler's log says first of an error.
JobResult result_of_build(const Compiled& kernel);

// A launch that failed because the emulator gave it up after `most_steps` steps timed out; 0 is no limit.
void give_up(JobResult& result, std::uint64_t most_steps);

}  // namespace warpsmith
