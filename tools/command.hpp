// A subcommand: how its arguments are declared, and what it does with them.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace warpsmith {

constexpr int kDone = 0;
constexpr int kNothingFound = 1;  // or a check failed
constexpr int kWrongUsage = 2;    // or input that cannot be used

// What a subcommand does once its arguments are read; returns the exit code.
using Action = std::function<int()>;

// Each declares arguments and help on `command`, and returns the action, which owns what the arguments are read into.
Action add_doctor(CLI::App& command);
Action add_families(CLI::App& command);
Action add_solve(CLI::App& command);
Action add_explain(CLI::App& command);
Action add_compile(CLI::App& command);
Action add_verify(CLI::App& command);
Action add_tune(CLI::App& command);
Action add_best(CLI::App& command);
Action add_emit(CLI::App& command);
Action add_db(CLI::App& command);

}  // namespace warpsmith
