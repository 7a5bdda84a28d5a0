// cp.async: copies that a thread starts and that are done once it has waited for them.
#pragma once

#include "device/emulator/warp.hpp"

namespace warpsmith::emulator {

// Carries out the copies of `lanes` that are older than their `kept` newest commit groups. What is not waited for is
// not done: a kernel that forgets to wait sees what was there before.
void complete_copies(Warp& warp, std::uint32_t lanes, std::uint32_t kept);

}  // namespace warpsmith::emulator
