// A modelled time for a launch that the emulator counted, of any kernel: where a family says what its kernel does, this
// reads it off what was executed.
#pragma once

#include "device/device.hpp"
#include "tuner/model.hpp"

namespace warpsmith {

struct CountedLaunch {
    LaunchShape shape;
    emulator::Counts counts;        // of a profiled launch
    std::int64_t buffer_bytes = 0;  // of all buffers: what the launch moves between device memory and L2 at most, but
                                    // for what it reads twice
};

// What a block of the launch does in one step, on average over the blocks.
Work counted_work(const CountedLaunch& launch);

// By the same model as candidates are ranked by. Registers and static shared memory are those of `resources`.
ModelledTime modelled_time(const CountedLaunch& launch, const Resources& resources, const Target& target);

}  // namespace warpsmith
