// Verification and timing on a device with a clock: every candidate, at full size.
#pragma once

#include <span>

#include "tuner/tune_run.hpp"

namespace warpsmith {

// Runs the candidates in the model's order, times those that are right, and records what came of each.
void measure_candidates(TuneRun& run);

// The middle sample, or the mean of the middle two; 0 of none.
double median(std::span<const double> samples);

}  // namespace warpsmith
