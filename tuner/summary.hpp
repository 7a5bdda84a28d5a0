// The end of a run: its winner, and why it won, in one line.
#pragma once

#include "tuner/tune_run.hpp"

namespace warpsmith {

// Fills report.best, why and failed. Only a verified candidate wins; equally fast ones are ordered by configuration.
void summarize(TuneRun& run);

}  // namespace warpsmith
