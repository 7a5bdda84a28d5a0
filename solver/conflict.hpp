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

struct MinimalConflict {
    std::vector<std::size_t> constraints;  // by position: they cannot hold together, though all but any one of them can
    bool smallest = false;                 // no such set has fewer; else it was not found out
};

// The model must have no solution. Small models have their smallest conflict found; the effort is bounded by the
// number of values tried, so that the answer does not depend on the machine.
MinimalConflict find_conflict(const Model& model);

}  // namespace warpsmith
