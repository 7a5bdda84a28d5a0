// What instructions that exchange values among the lanes of a warp have in common.
#pragma once

#include "device/emulator/warp.hpp"

namespace warpsmith::emulator {

constexpr std::uint32_t kNoMembers = 1U << 31;  // aux of an instruction without .sync: it takes whoever is there

// `extra` is the slot of the member mask; the group waits until all members are in it.
bool members_present(Warp& warp, const Instruction& instruction, std::uint32_t lanes);

// Of `lanes`, those that the instruction names.
std::uint32_t members_of(Warp& warp, const Instruction& instruction, std::uint32_t lanes);

}  // namespace warpsmith::emulator
