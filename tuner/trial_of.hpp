// What running a candidate came to, as a trial.
#pragma once

#include "tuner/tune_run.hpp"

namespace warpsmith {

// A configuration that ends its process, or has to be stopped, is tried once more by the next run, in case it was not
// its doing; the second time it is blocked.
JobResult blocked_if_again(JobResult result, bool killed_before);

// On the run's device, with the medians of its samples where they were measured, else with the modelled time.
Trial trial_of(const TuneRun& run, Candidate& candidate, const JobResult& result);

}  // namespace warpsmith
