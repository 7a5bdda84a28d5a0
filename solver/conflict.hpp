// Which constraints of a model without solutions cannot hold together.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "solver/model.hpp"

namespace warpsmith {

// The same variables and definitions with only these constraints (by position) and without the cost.
Model with_constraints(const Model& model, std::span<const std::size_t> constraints);

// Whether every assignment is excluded, or not. One for which a constraint has no value counts as not excluded. Neither
// holds when a range has too many values to tell.
bool has_no_solution(const Model& model);
bool has_solution(const Model& model);

// Positions of constraints that cannot hold together, though all but any one of them can. Of several such sets one
// with few constraints. The model must have no solution.
std::vector<std::size_t> find_conflict(const Model& model);

}  // namespace warpsmith
