// Calls of device functions: direct, indirect and recursive.
#pragma once

#include "device/emulator/assembly.hpp"
#include "device/emulator/warp.hpp"

namespace warpsmith::emulator {

void translate_call(Assembly& assembly);

// The lanes of the running group go back to their callers, with the results of the function whose index is `callee`.
void return_from_call(Warp& warp, std::uint32_t lanes, std::uint32_t callee);

}  // namespace warpsmith::emulator
