// A subcommand as data: the arguments it takes, and what it does with them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace warpsmith {

constexpr int kDone = 0;
constexpr int kNothingFound = 1;  // or a check failed
constexpr int kWrongUsage = 2;    // or input that cannot be used

// One argument. What the user gives is written to `value`, whose content before that is the default.
struct Argument {
    std::string name;  // "WORKLOAD" by its place, "--target" or "-o,--output" by name
    std::variant<bool*, std::uint64_t*, std::string*, std::vector<std::string>*> value;  // a bool takes no value
    std::string meaning;
    std::string shown;                 // what stands for the value in the help: "FILE"
    std::vector<std::string> choices;  // the only values allowed, where there are any
    bool required = false;
    std::string excludes;  // the name of an argument declared before, with which it makes no sense
};

struct NamedCommand;

struct Command {
    std::vector<Argument> arguments;
    std::string notes;         // what the help ends with: examples
    std::function<int()> run;  // once the arguments are read; owns what they are read into; returns the exit code
    std::span<const NamedCommand> commands;  // of which one has to be named, where there are any
};

struct NamedCommand {
    const char* name;
    const char* summary;
    Command (*make)();
};

Command doctor_command();
Command families_command();
Command solve_command();
Command explain_command();
Command compile_command();
Command verify_command();
Command run_command();
Command tune_command();
Command best_command();
Command emit_command();
Command db_command();

}  // namespace warpsmith
