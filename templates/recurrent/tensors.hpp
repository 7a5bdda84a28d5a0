// The tensors of the recurrent families.
#pragma once

#include "templates/recurrent/cell.hpp"

namespace warpsmith {

// In the order in which they are listed.
std::vector<TensorSpec> recurrent_tensors(const RecurrentCell& cell, const Workload& workload);

// As the kernels of kernel.cuh take them.
std::vector<Parameter> recurrent_parameters(const RecurrentCell& cell, const Workload& workload);

}  // namespace warpsmith
