// What running a candidate came to, as a trial.
#pragma once

#include "tuner/tune_run.hpp"

namespace warpsmith {

// Right or wrong, with the numbers, on the run's device, verified at the sizes of `at`, which the note names where they
// are not the run's. It has no time yet.
Trial trial_of(const TuneRun& run, const Candidate& candidate, const Verification& verification, const Workload& at);

}  // namespace warpsmith
