// The configurations of a run: solved for, rendered, ordered by the model, and joined with what is recorded of them.
#pragma once

#include "tuner/tune_run.hpp"

namespace warpsmith {

// Fills run.space and run.candidates. Throws Error when no configuration fits, with the limit that leaves none.
void find_candidates(TuneRun& run);

// Gives each candidate the trials that the database has of its source, compiled by this compiler and, where the run has
// a device, run on it.
void recall_trials(TuneRun& run);

}  // namespace warpsmith
