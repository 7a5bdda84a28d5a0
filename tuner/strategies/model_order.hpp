// The configurations of a space in the order of a model's times.
#pragma once

#include <vector>

#include "tuner/strategies/strategy.hpp"

namespace warpsmith {

// Equal ones in the order of the space; without a model, all in random order. Of a space too large to list, those of a
// large sample.
std::vector<Choices> in_model_order(const SearchProblem& problem);

}  // namespace warpsmith
