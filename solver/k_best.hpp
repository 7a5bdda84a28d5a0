// The cheapest solutions, found by branch and bound over the diagrams instead of listing all of them.
#pragma once

#include <cstddef>
#include <vector>

#include "solver/model.hpp"
#include "solver/solution_set.hpp"

namespace warpsmith {

// The k solutions with the least cost, the cheapest first, or all of them where there are not so many; those that cost
// the same in lexicographic order. The cost may be over any variables, of one group or of several. Throws Error when it
// has no value for a solution (a division by zero, say), or one that is no number.
std::vector<Solution> k_best(const SolutionSet& set, const Expr& cost, std::size_t k);

// By the cost of the model.
std::vector<Solution> k_best(const Model& model, std::size_t k);

// What the model minimizes. Throws Error when that is nothing.
const Expr& cost_of(const Model& model);

}  // namespace warpsmith
