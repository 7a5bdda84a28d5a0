// A model in which the user has fixed some variables.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "solver/model.hpp"

namespace warpsmith {

using FixedValues = std::vector<std::pair<std::string, std::int64_t>>;  // name, value

// The model with these variables set. That a given value is in the list of its variable becomes a constraint, after all
// others. Throws Error for an unknown variable.
Model with_values(const Model& model, const FixedValues& fixed);

// Whether the model is known to have a solution with these values: not where its ranges leave too many to list. Throws
// Error as with_values does.
bool fits(const Model& model, const FixedValues& fixed);

// "64, 128 or 256"; of a long list both ends and how many there are.
std::string listed(std::span<const Value> values);

}  // namespace warpsmith
