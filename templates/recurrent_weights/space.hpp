// The configurations of the weight gradients: one space for tensor cores, one for f32 arithmetic.
#pragma once

#include "templates/family.hpp"

namespace warpsmith {

Space recurrent_weights_space(const Workload& workload, const Target& target);

}  // namespace warpsmith
