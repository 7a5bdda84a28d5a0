// A CUDA file of the user's own as what NVRTC is given.
#pragma once

#include <string>

#include "generator/source.hpp"

namespace warpsmith {

// A file that is read once for many configurations.
struct UserFile {
    std::string path;  // as it is included, and as findings name it
    std::string text;
};

// Throws Error when the file cannot be read.
UserFile read_user_file(const std::string& path);

// `architecture` is compute_90a for PTX alone, sm_90a for a cubin too. The file finds what it includes beside itself
// and in the toolkit; standard headers that kernels commonly include and NVRTC lacks are there in name. Throws Error
// when the file cannot be read.
Source user_source(const UserFile& file, const std::string& kernel, const std::string& architecture,
                   const std::string& toolkit_include);
Source user_source(const std::string& path, const std::string& kernel, const std::string& architecture,
                   const std::string& toolkit_include);

}  // namespace warpsmith
