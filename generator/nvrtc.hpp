// What the toolkit search asks NVRTC; the rest of NVRTC stands behind Compiler.
#pragma once

#include <string>

namespace warpsmith {

struct NvrtcVersion {
    int major = 0;
    int minor = 0;
};

// Opens the library at that path. Throws Error when it cannot be opened or does not answer.
NvrtcVersion nvrtc_version(const std::string& library);

// NVRTC 12.8 is the first to know sm_120 and to take structs with designated initialisers in name expressions.
inline constexpr NvrtcVersion kOldestNvrtc{.major = 12, .minor = 8};
bool is_older(const NvrtcVersion& left, const NvrtcVersion& right);
std::string to_string(const NvrtcVersion& version);  // "13.0"

}  // namespace warpsmith
