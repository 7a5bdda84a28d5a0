// Deterministic pseudo-random tensors: the same values for a seed on every machine.
#pragma once

#include <cstdint>

#include "templates/tensor.hpp"

namespace warpsmith {

// Uniform in [low, high), rounded to the tensor's dtype. The seed and the tensor's name decide the values.
Tensor random_tensor(const TensorSpec& spec, double low, double high, std::uint64_t seed);

}  // namespace warpsmith
