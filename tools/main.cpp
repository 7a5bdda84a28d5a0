// The program: a table of subcommands, and what they all do alike about help, wrong usage and errors.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <exception>

#include "solver/error.hpp"
#include "templates/nearest.hpp"
#include "tools/command.hpp"

namespace warpsmith {
namespace {

struct Command {
    const char* name;
    const char* summary;
    Action (*add)(CLI::App& command);
};

constexpr std::array kCommands = {
    Command{"doctor", "what this machine has, what is missing, and how to get it", add_doctor},
    Command{"families", "kernel families with their dimensions, dtypes and options", add_families},
    Command{"solve", "every configuration that fits a workload or a space file", add_solve},
    Command{"explain", "why nothing fits, or why these values are refused", add_explain},
    Command{"compile", "registers, spills, shared memory and occupancy per configuration", add_compile},
    Command{"verify", "run one configuration and compare it with the reference", add_verify},
    Command{"tune", "find the fastest verified configuration and record it", add_tune},
    Command{"best", "the configuration to use, and how that is known", add_best},
    Command{"emit", "write tuned kernels as one self-contained CUDA header", add_emit},
    Command{"db", "look into a tuning database", add_db},
};

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

// The subcommand that the command line chose; the innermost one, where there are several.
const CLI::App& chosen(const CLI::App& app) {
    std::vector<CLI::App*> parsed = app.get_subcommands();
    return parsed.empty() ? app : chosen(*parsed.front());
}

// CLI11 says only which word it did not expect; say which one was probably meant.
std::string unexpected_word(const CLI::App& app) {
    const CLI::App& command = chosen(app);
    const std::vector<std::string> words = app.remaining(true);
    const std::string word = words.empty() ? "" : words.front();
    if (word.starts_with("-")) {
        std::string option = word.substr(0, word.find('='));
        return fmt::format("there is no option '{}'; {}", option, suggestion(option, option_names(command)));
    }
    if (const std::vector<std::string> names = command_names(command); !names.empty()) {
        return fmt::format("there is no command '{}'; {}", word, suggestion(word, names));
    }
    return fmt::format("'{}' was not expected; put a workload between quotes", word);
}

int wrong_usage(const CLI::App& app, const std::string& message) {
    const CLI::App& command = chosen(app);
    std::string name = &command == &app ? "" : " " + command.get_name();
    fmt::print(stderr, "warpsmith: {}; see warpsmith{} --help\n", message, name);
    return kWrongUsage;
}

int run(int argc, char** argv) {
    CLI::App app("Finds, verifies and emits fast GPU kernels for sequence models.", "warpsmith");
    app.set_version_flag("--version", "warpsmith " WARPSMITH_VERSION);
    app.require_subcommand(1);
    app.footer("warpsmith COMMAND --help tells more, with examples. Start with: warpsmith doctor");
    std::vector<std::pair<CLI::App*, Action>> actions;
    for (const Command& command : kCommands) {
        CLI::App* subcommand = app.add_subcommand(command.name, command.summary);
        actions.emplace_back(subcommand, command.add(*subcommand));
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ExtrasError&) {
        return wrong_usage(app, unexpected_word(app));
    } catch (const CLI::Success& success) {  // --help and --version
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        return wrong_usage(app, app.remaining(true).empty() ? error.what() : unexpected_word(app));
    }
    for (const auto& [subcommand, action] : actions) {
        if (subcommand->parsed()) {
            return action();
        }
    }
    return kWrongUsage;
}

}  // namespace
}  // namespace warpsmith

int main(int argc, char** argv) {
    try {
        int code = warpsmith::run(argc, argv);
        if (std::fflush(stdout) != 0) {
            throw warpsmith::Error("writing to standard output: it took not all of it; is the disk full?");
        }
        return code;
    } catch (const std::exception& error) {
        fmt::print(stderr, "warpsmith: {}\n", error.what());
        return warpsmith::kWrongUsage;
    }
}
