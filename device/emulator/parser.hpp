// Reads PTX text into its syntax tree.
#pragma once

#include <string_view>

#include "device/emulator/syntax.hpp"

namespace warpsmith::emulator {

// Throws Error naming the line when the text is not PTX. Any text is safe to pass.
syntax::Module parse_module(std::string_view ptx);

}  // namespace warpsmith::emulator
