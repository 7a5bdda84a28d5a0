// The version of the NVIDIA kernel driver, which the CUDA driver itself does not tell.
#pragma once

#include <string>
#include <string_view>

namespace warpsmith {

// "580.65.06"; empty where the system does not tell.
std::string driver_version();

// From the text of /proc/driver/nvidia/version:
//   NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024
std::string driver_version_in(std::string_view text);

}  // namespace warpsmith
