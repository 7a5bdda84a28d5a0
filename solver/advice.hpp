// Small changes of a model without solutions, or of values given for its variables, with which there are some.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "solver/fixed_values.hpp"
#include "solver/model.hpp"

namespace warpsmith {

// For each given value those that would do in its place; if none would, as few values as possible to give up. None when
// there is no solution whatever these values are.
std::vector<std::string> better_values(const Model& model, const FixedValues& fixed);

// For each of these constraints (by position) that alone stands against all others: the nearest constant for which the
// others leave something, written as the changed condition; where it has no constant to change, that it is in the way.
std::vector<std::string> changed_constraints(const Model& model, std::span<const std::size_t> constraints);

}  // namespace warpsmith
