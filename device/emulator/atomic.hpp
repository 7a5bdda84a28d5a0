// The operations of atom and red, for other instructions that reduce.
#pragma once

#include <string_view>

#include "device/emulator/assembly.hpp"

namespace warpsmith::emulator {

inline constexpr std::string_view kReductions[] = {"add", "min", "max", "and", "or", "xor", "inc", "dec"};

// The reduction of that name ("add") on elements of that type. Throws Unsupported when there is none.
Reduction find_reduction(std::string_view operation, Type type, bool in_shared);

}  // namespace warpsmith::emulator
