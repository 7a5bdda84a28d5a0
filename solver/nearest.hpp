// How far a model is from having a solution: the assignment that comes nearest to a constraint, and by what it misses.
#pragma once

#include <optional>
#include <string>

#include "solver/model.hpp"
#include "solver/solution.hpp"

namespace warpsmith {

// 0 where the condition holds, else a whole number that says how far it is from holding: for a limit, by how much it
// is exceeded. For conditions on text or real numbers only whether they hold.
Expr violation_of(const Expr& condition, const Model& model);

// The solution of the model for which `cost`, a whole number, is least. None when there is no solution or the cost
// cannot be computed.
std::optional<Solution> least(const Model& model, const Expr& cost);

// What a condition that the solution violates comes to: "smem_bytes is 262144, the limit is 232448".
// `nearest`: no assignment comes nearer, so that the 262144 are at least needed.
std::string describe_violation(const Expr& condition, const Solution& solution, bool nearest);

}  // namespace warpsmith
