// A CUDA file of the user's own as what NVRTC is given.
#pragma once

#include <string>

#include "generator/source.hpp"

namespace warpsmith {

// `architecture` is compute_90a for PTX alone, sm_90a for a cubin too. The file finds what it includes beside itself
// and in the toolkit; standard headers that kernels commonly include and NVRTC lacks are there in name. Throws Error
// when the file cannot be read.
Source user_source(const std::string& path, const std::string& kernel, const std::string& architecture,
                   const std::string& toolkit_include);

}  // namespace warpsmith
