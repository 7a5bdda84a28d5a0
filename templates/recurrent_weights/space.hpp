// The configurations of the weight gradients: one space for tensor cores, one for f32 arithmetic.
#pragma once

#include "templates/recurrent_weights/gradients.hpp"

namespace warpsmith {

Space recurrent_weights_space(const WeightProduct& product, const Workload& workload, const Target& target);

}  // namespace warpsmith
