// A family small enough to read in a test: y = factor * x, with one fixed and one runtime dimension.
#pragma once

#include <string>
#include <vector>

#include "templates/family.hpp"
#include "templates/source_files.hpp"

namespace warpsmith {

// Its kernel is toy/kernel.cuh of toy_files().
Family toy_family();
std::vector<SourceFile> toy_files();

// "toy B=1000 D=64 dtype=bf16"
Workload toy_workload(std::int64_t B, std::int64_t D, DType dtype = DType::bf16, const std::string& sign = "plus");

// The built-in target h200.
Target toy_target();

}  // namespace warpsmith
