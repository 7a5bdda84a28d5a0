// Compilation of a run's candidates, and the verdict on what the compiler made of each.
#pragma once

#include "tuner/tune_run.hpp"

namespace warpsmith {

// Compiles, several at a time, those of the candidates of which no trial is recorded, and records what came of each.
void build_kernels(TuneRun& run, std::span<Candidate* const> candidates);

// What a kernel that compiled to these resources comes to on the run's target: it does not fit, it spills, or it is
// ranked by the model. The candidate's modelled time is from now on that with the compiler's registers.
Trial judge_resources(const TuneRun& run, Candidate& candidate, const Resources& used);

}  // namespace warpsmith
