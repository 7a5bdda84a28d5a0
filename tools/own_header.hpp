// A kernel of the user's own as a header carries it: compiled, with what its T1 file says of its arguments and launch.
#pragma once

#include <string>

#include "cache/own_kernel/own_kernel.hpp"
#include "cache/trial.hpp"
#include "generator/emit.hpp"

namespace warpsmith {

// All but its image and provenance. Throws Error for arguments that no caller of a header could pass.
TunedOwnKernel tuned_own_kernel(const OwnKernel& kernel, const Config& config, const Target& target);

}  // namespace warpsmith
