#include "tools/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "solver/suggestion.hpp"

namespace warpsmith {
namespace {

// Adds one argument by its kind; the default is shown where there is one.
class AddArgument {
  public:
    AddArgument(CLI::App& command, const Argument& argument) : command_(command), argument_(argument) {}

    CLI::Option* operator()(bool* value) const { return command_.add_flag(argument_.name, *value, argument_.meaning); }

    CLI::Option* operator()(std::uint64_t* value) const {
        return add(*value, *value == 0 ? "" : std::to_string(*value));
    }

    CLI::Option* operator()(std::string* value) const { return add(*value, *value); }

    CLI::Option* operator()(std::vector<std::string>* value) const {
        CLI::Option* option = add(*value, "");
        // By name one value each time it is given, so that what follows can be an argument by its place.
        return argument_.name.starts_with("-") ? option->allow_extra_args(false) : option;
    }

  private:
    template <class Value>
    CLI::Option* add(Value& value, const std::string& fallback) const {
        const std::string shown =
            argument_.choices.empty() ? argument_.shown : fmt::format("{}", fmt::join(argument_.choices, "|"));
        return command_.add_option(argument_.name, value, argument_.meaning)
            ->required(argument_.required)
            ->option_text(fallback.empty() ? shown + " " : fmt::format("{} [{}]", shown, fallback));
    }

    CLI::App& command_;
    const Argument& argument_;
};

void add_arguments(CLI::App& app, const Command& command) {
    for (const Argument& argument : command.arguments) {
        CLI::Option* option = std::visit(AddArgument(app, argument), argument.value);
        if (!argument.choices.empty()) {
            option->check([choices = argument.choices](const std::string& given) {
                bool allowed = std::ranges::find(choices, given) != choices.end();
                return allowed ? "" : fmt::format("there is no '{}'; {}", given, suggestion(given, choices));
            });
        }
        if (!argument.excludes.empty()) {
            option->excludes(app.get_option(argument.excludes));
        }
    }
    app.footer(command.notes);
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

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    return names;
}

// "db " of the command db, nothing of the program itself: what goes before the name of a command of this one.
std::string prefix(const CLI::App& command) {
    return command.get_parent() == nullptr ? "" : prefix(*command.get_parent()) + command.get_name() + " ";
}

// CLI11 says only which word it did not expect; say which one was probably meant.
std::string unexpected_word(const CLI::App& app, const CLI::App& command) {
    const std::vector<std::string> words = app.remaining(true);
    const std::string word = words.empty() ? "" : words.front();
    if (word.starts_with("-")) {
        std::string option = word.substr(0, word.find('='));
        return fmt::format("there is no option '{}'; {}", option, suggestion(option, option_names(command)));
    }
    if (const std::vector<std::string> names = command_names(command); !names.empty()) {
        return fmt::format("there is no command '{}{}'; {}", prefix(command), word, suggestion(word, names));
    }
    return fmt::format("'{}' was not expected; put a workload between quotes", word);
}

// The command that was named last.
const CLI::App& innermost(const CLI::App& app) {
    const std::vector<CLI::App*> parsed = app.get_subcommands();
    return parsed.empty() ? app : innermost(*parsed.front());
}

int wrong_usage(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App& command = innermost(app);
    fmt::print(stderr, "warpsmith: {}; see warpsmith {}--help\n",
               app.remaining(true).empty() ? error.what() : unexpected_word(app, command), prefix(command));
    return kWrongUsage;
}

struct MadeCommand {
    CLI::App* app;
    Command command;
};

void add_commands(CLI::App& app, std::span<const NamedCommand> commands, std::vector<MadeCommand>& made) {
    app.require_subcommand(1);
    for (const NamedCommand& named : commands) {
        CLI::App* added = app.add_subcommand(named.name, named.summary);
        const Command& command = made.emplace_back(MadeCommand{added, named.make()}).command;
        add_arguments(*added, command);
        if (const std::span<const NamedCommand> inner = command.commands; !inner.empty()) {
            add_commands(*added, inner, made);
        }
    }
}

}  // namespace

int run_command_line(std::span<const NamedCommand> commands, int argc, const char* const* argv) {
    CLI::App app("Finds, verifies and emits fast GPU kernels for sequence models.", "warpsmith");
    app.set_version_flag("--version", "warpsmith " WARPSMITH_VERSION);
    app.footer("warpsmith COMMAND --help tells more, with examples. Start with: warpsmith doctor");
    std::vector<MadeCommand> made;
    add_commands(app, commands, made);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help and --version
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        return wrong_usage(app, error);
    }
    const CLI::App* chosen = &innermost(app);
    const auto found = std::ranges::find(made, chosen, &MadeCommand::app);
    return found == made.end() ? kWrongUsage : found->command.run();
}

}  // namespace warpsmith
