// What running a candidate came to, as a trial.
#pragma once

#include "tuner/tune_run.hpp"

namespace warpsmith {

// Right or wrong, with the numbers, on the run's device. It has no time yet.
Trial trial_of(const TuneRun& run, const Candidate& candidate, const Verification& verification);

}  // namespace warpsmith
