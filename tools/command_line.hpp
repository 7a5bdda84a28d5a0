// Reads the command line, by CLI11, and runs the subcommand it names.
#pragma once

#include <span>

#include "tools/command.hpp"

namespace warpsmith {

// Help and --version go to standard output; wrong usage is one line on standard error that suggests what was meant.
// Returns the exit code.
int run_command_line(std::span<const NamedCommand> commands, int argc, const char* const* argv);

}  // namespace warpsmith
