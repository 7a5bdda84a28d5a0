// Verification where times are modelled: the most promising candidates, several at a time, at reduced sizes.
#pragma once

#include "tuner/tune_run.hpp"

namespace warpsmith {

// Runs candidates in the model's order, and records what came of each, until as many as the options want are right.
void verify_promising(TuneRun& run);

}  // namespace warpsmith
