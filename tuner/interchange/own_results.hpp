// Warpsmith's own trials as results that other tuners can read.
#pragma once

#include <span>
#include <vector>

#include "cache/imported.hpp"
#include "cache/trial.hpp"

namespace warpsmith {

constexpr const char* kOwnFormat = "warpsmith";

// One file per workload and GPU, of the trials that were timed there and of those that failed there or, for the same
// target, before they ran anywhere. The kernel's name is the workload's key. What was run on the emulator, or only
// modelled, is left out: other tuners' files have no word for a time that nothing measured. Trials are given newest
// first, results come oldest first.
std::vector<ImportedFile> own_results(std::span<const Trial> newest_first);

}  // namespace warpsmith
