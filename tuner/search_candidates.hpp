// A search on a device with a clock: a strategy chooses which candidates are compiled and timed.
#pragma once

#include "tuner/tune_run.hpp"

namespace warpsmith {

// Until the run's limits are reached or the strategy has nothing left to propose. What is recorded counts as tried.
void search_candidates(TuneRun& run);

}  // namespace warpsmith
