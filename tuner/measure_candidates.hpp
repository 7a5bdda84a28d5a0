// Verification and timing on a device with a clock: every candidate, at full size.
#pragma once

#include <functional>
#include <vector>

#include "tuner/tune_run.hpp"

namespace warpsmith {

// Those to run next, all of which compiled; none when it is enough. It is called when the ones before have been run.
using NextCandidates = std::function<std::vector<Candidate*>()>;

// Runs the candidates, times those that are right, settles ties, and records what came of each. `total` is of those to
// come, as far as that is known.
void measure_candidates(TuneRun& run, const NextCandidates& next, std::size_t total);

}  // namespace warpsmith
