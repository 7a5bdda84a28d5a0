// The program: a table of subcommands, and what becomes of an error.
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <exception>

#include "solver/error.hpp"
#include "tools/command_line.hpp"
#include "tools/tuning_bench.hpp"

namespace {

using warpsmith::NamedCommand;

constexpr std::array kCommands = {
    NamedCommand{"doctor", "what this machine has, what is missing, and how to get it", warpsmith::doctor_command},
    NamedCommand{"families", "kernel families with their dimensions, dtypes and options", warpsmith::families_command},
    NamedCommand{"solve", "every configuration that fits a workload or a space file", warpsmith::solve_command},
    NamedCommand{"explain", "why nothing fits, or why these values are refused", warpsmith::explain_command},
    NamedCommand{"compile", "registers, spills, shared memory and occupancy per configuration",
                 warpsmith::compile_command},
    NamedCommand{"verify", "run one configuration and compare it with the reference", warpsmith::verify_command},
    NamedCommand{"run", "launch a kernel of your own file and check it, with or without a GPU", warpsmith::run_command},
    NamedCommand{"tune", "find the fastest verified configuration and record it", warpsmith::tune_command},
    NamedCommand{"best", "the configuration to use, and how that is known", warpsmith::best_command},
    NamedCommand{"emit", "write tuned kernels as one self-contained CUDA header", warpsmith::emit_command},
    NamedCommand{"db", "what can be done with a tuning database", warpsmith::db_command},
};

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc == 2 && argv[1] == warpsmith::kWorkerArgument) {
            warpsmith::serve_tuning_bench();
        }
        const int code = warpsmith::run_command_line(kCommands, argc, argv);
        if (std::fflush(stdout) != 0) {
            throw warpsmith::Error("writing to standard output: it took not all of it; is the disk full?");
        }
        return code;
    } catch (const std::exception& error) {
        fmt::print(stderr, "warpsmith: {}\n", error.what());
        return warpsmith::kWrongUsage;
    }
}
