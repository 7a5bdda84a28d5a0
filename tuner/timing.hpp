// Times a loaded kernel on a device that measures, as far as what is known of others makes that worthwhile.
#pragma once

#include <span>

#include "device/device.hpp"
#include "tuner/bench.hpp"

namespace warpsmith {

struct TimingPlan {
    Device& device;
    Kernel& kernel;
    std::span<const KernelArgument> arguments;
    int cold_samples = 20;   // launches timed with a cold L2
    int batch_samples = 10;  // and batches timed of launches back to back
    const OnStage& on_stage;
};

// Adds samples, and to the note under which conditions they were taken.
void time_kernel(const TimingPlan& plan, const RunJob& job, JobResult& result);

}  // namespace warpsmith
