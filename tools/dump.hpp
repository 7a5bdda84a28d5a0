// verify --dump and --input: a workload's tensors as .npy files, which anyone can check with NumPy.
#pragma once

#include <string>
#include <vector>

#include "tuner/verify.hpp"

namespace warpsmith {

// Writes every input, output and reference of the problem into the folder, which is made, with manifest.json. f16 and
// bf16 are stored as float32, which holds them exactly; references, which are double, as float64.
void dump(const std::string& folder, const Family& family, const Problem& problem, const Config& config,
          const Tensors& computed);

// Replaces inputs by files, given as NAME=FILE.npy; values are rounded to the tensor's dtype. Throws Error when there
// is no such input or the file has another shape.
void replace_inputs(Tensors& inputs, const std::vector<std::string>& replacements);

}  // namespace warpsmith
