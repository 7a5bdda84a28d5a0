// What an earlier run found right tells this one how long right ones take here and now.
#pragma once

#include "tuner/tune_run.hpp"

namespace warpsmith {

// To be called before a candidate that ended or hung its process in an earlier run is tried again: the fastest that is
// known to be right is run once more, where this run has seen none yet, so that time limits are those of right
// candidates. Nothing of it is recorded.
void learn_from_known_right(TuneRun& run, const Candidate& about_to_run);

}  // namespace warpsmith
