// Solutions near a configuration, which need not be one itself, found without listing the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "solver/configuration.hpp"
#include "solver/solution_set.hpp"

namespace warpsmith {

enum class Step : std::uint8_t {
    any,       // to any other value of the variable's list
    adjacent,  // to the value before or after
};

// The solutions that differ from the choices in exactly one variable, by variable and then by the place of its value.
// The choices, the place of each variable's value in its list, need not be a solution. Throws Error unless each has
// one.
std::vector<Solution> neighbours(const SolutionSet& set, std::span<const std::uint32_t> choices, Step step = Step::any);

// At most `limit` solutions, the nearest first: those with the fewest variables that differ, then those with the least
// distance, the places in the lists that lie between the values, summed over the variables; then in lexicographic
// order. A variable that the configuration leaves out never differs. A value that is not in its list always does, and
// lies where the number nearest to it is.
std::vector<Solution> nearest(const SolutionSet& set, const Configuration& configuration, std::size_t limit);

}  // namespace warpsmith
