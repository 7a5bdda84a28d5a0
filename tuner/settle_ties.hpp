// The end of a measured run, where the fastest configurations are too much alike to say which is faster.
#pragma once

#include "tuner/tune_run.hpp"

namespace warpsmith {

// Times the fastest and those that may be as fast again, taking turns, so that clocks that drift touch all alike, and
// records each with all its samples. Only where one of them was timed by this run.
void settle_ties(TuneRun& run);

}  // namespace warpsmith
