// What must hold of a recorded trial, whoever wrote it.
#pragma once

#include <string>

#include "cache/trial.hpp"

namespace warpsmith {

// The first rule that the trial breaks, in words: "its median_us is negative". Empty where it keeps all.
std::string broken_rule(const Trial& trial);

}  // namespace warpsmith
