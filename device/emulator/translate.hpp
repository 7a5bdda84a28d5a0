// Translates the syntax tree of a module into a program.
#pragma once

#include <memory>

#include "device/emulator/program.hpp"

namespace warpsmith::emulator {

// Instructions that are not supported become instructions that say so when they are executed. Throws Error on what no
// launch could survive: a label that is not there, a module whose tables would not fit in memory.
std::shared_ptr<const Program> translate(const syntax::Module& module);

}  // namespace warpsmith::emulator
