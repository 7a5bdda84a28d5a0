// Random inputs of the recurrent families.
#pragma once

#include "templates/recurrent/cell.hpp"

namespace warpsmith {

// A backward pass takes in what a forward pass was given and has kept, as tensors store it: random states would let
// gradients grow as those of no sequence do. Gradients that come from outside are random.
Tensors recurrent_inputs(const RecurrentCell& cell, const Workload& workload, std::uint64_t seed);

// A tensor `resets` in which about a quarter of the steps has one.
Tensor random_resets(const TensorSpec& spec, std::uint64_t seed);

}  // namespace warpsmith
