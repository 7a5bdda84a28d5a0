// The configurations of the attention tile: one space for tensor cores, one for f32 arithmetic.
#pragma once

#include "templates/family.hpp"

namespace warpsmith {

Space attention_space(const Workload& workload, const Target& target);

}  // namespace warpsmith
