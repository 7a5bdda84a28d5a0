// warpsmith explain: which constraints leave nothing, or refuse given values.
#include "solver/explain.hpp"

#include <fmt/format.h>

#include <memory>

#include "templates/family.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/space_argument.hpp"

namespace warpsmith {
namespace {

struct ExplainArguments {
    std::string space;
    std::vector<std::string> values;
    std::string target;
    bool brackets = false;
};

int explain_space(const ExplainArguments& arguments) {
    Config fixed;
    for (const std::string& value : arguments.values) {
        Config parsed = parse_config(value);
        fixed.fields.insert(fixed.fields.end(), parsed.fields.begin(), parsed.fields.end());
    }
    const NamedModel space =
        read_space(arguments.space, arguments.target, arguments.brackets ? Brackets::counted : Brackets::dropped);
    const Explanation explanation = explain(space.model, fixed.fields);
    fmt::print("{}", to_string(explanation));
    return explanation.satisfiable ? kDone : kNothingFound;
}

}  // namespace

Command explain_command() {
    auto arguments = std::make_shared<ExplainArguments>();
    return {.arguments =
                {space_argument(arguments->space),
                 {.name = "name=value", .value = &arguments->values, .meaning = "values to ask about", .shown = "..."},
                 target_option(arguments->target),
                 brackets_option(arguments->brackets)},
            .notes =
                "Prints a smallest set of constraints that cannot hold together; exit code 1 when there is one.\n"
                "Examples:\n"
                "  warpsmith explain \"lstm T=128 B=16 N=4 D=4096 dtype=f32\" --target h200\n"
                "  warpsmith explain space.json threads=96 items=3",
            .run = [arguments] { return explain_space(*arguments); }};
}

}  // namespace warpsmith
