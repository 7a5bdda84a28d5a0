// Narrows what is known of variables by the constraints, without trying values.
#pragma once

#include <vector>

#include "solver/knowledge.hpp"
#include "solver/model.hpp"

namespace warpsmith {

// Only assignments that some constraint excludes are lost, never one for which a constraint has no value. Returns false
// when no assignment is left. Ends after a bounded number of rounds, even when more would narrow further.
bool propagate(const Model& model, std::vector<Knowledge>& known);

}  // namespace warpsmith
