// The first solution found by backtracking over bounds: for models that are too hard for trying and too easy for a
// plan.
#pragma once

#include "solver/probe.hpp"

namespace warpsmith {

// A value is left out when the bounds of some constraint, over all that the variables after it can be, show that it
// fails. Gives up after some thousand steps, and where a constraint is not one of integers or cannot be evaluated.
Probe bounded_first(const Model& model);

}  // namespace warpsmith
