// Functions that the CUDA runtime provides to device code: printf, assert, malloc.
#pragma once

#include <string_view>

#include "device/emulator/program.hpp"

namespace warpsmith::emulator {

// What executes a call of such a function. Throws Unsupported when there is none of this name.
Handler system_call(std::string_view name);

// Whether what it gives depends on the order in which blocks call it.
bool system_call_has_order(std::string_view name);

}  // namespace warpsmith::emulator
