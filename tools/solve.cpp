// warpsmith solve: every configuration that a space allows.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "solver/search.hpp"
#include "solver/z3_engine.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/recorded.hpp"
#include "tools/space_argument.hpp"

namespace warpsmith {
namespace {

struct SolveArguments {
    std::string space;
    std::string target;
    std::string engine = "native";
    std::size_t limit = SolveOptions{}.limit;
    bool count = false;
    bool first = false;
    bool json = false;
    bool stats = false;
};

nlohmann::ordered_json to_json(const Solution& solution) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < solution.size(); ++i) {
        std::visit([&](const auto& value) { object[solution.variables()[i].name] = value; }, solution.at(i));
    }
    return object;
}

void print_solutions(const std::vector<Solution>& solutions, bool json) {
    for (const Solution& solution : solutions) {
        fmt::print("{}\n", json ? to_json(solution).dump() : to_string(solution));
    }
}

void print_stats(const SearchStats& stats) {
    nlohmann::ordered_json object = {
        {"parse_ms", stats.parse_ms}, {"solve_ms", stats.solve_ms}, {"nodes", stats.nodes}};
    fmt::print(stderr, "{}\n", object.dump());
}

std::vector<Solution> solutions_of(const Model& model, const SolveArguments& arguments, SearchStats& stats) {
    const std::size_t limit = arguments.first ? 1 : arguments.limit;
    return arguments.engine == "z3" ? solve_with_z3(model, limit) : solve(model, {.limit = limit, .stats = &stats});
}

std::uint64_t count_of(const Model& model, const SolveArguments& arguments) {
    return arguments.engine == "z3" ? solve_with_z3(model).size() : count(model);
}

int solve_space(const SolveArguments& arguments) {
    const NamedModel space = read_space(arguments.space, arguments.target);
    SearchStats stats{.parse_ms = space.parse_ms};
    const auto start = std::chrono::steady_clock::now();
    std::vector<Solution> solutions;
    std::uint64_t found = 0;
    if (arguments.count) {
        found = count_of(space.model, arguments);
    } else {
        solutions = solutions_of(space.model, arguments, stats);
    }
    stats.solve_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    if (arguments.stats) {
        print_stats(stats);
    }
    if (arguments.count) {
        fmt::print("{}\n", found);
        return kDone;
    }
    print_solutions(solutions, arguments.json);
    if (solutions.empty() && arguments.limit > 0) {
        return nothing_found(fmt::format("solving {}: no configuration fits; warpsmith explain tells why", space.name));
    }
    return kDone;
}

}  // namespace

Action add_solve(CLI::App& command) {
    auto arguments = std::make_shared<SolveArguments>();
    command.add_option("SPACE", arguments->space, "a workload, or a space file (.json)")->required()->option_text(" ");
    add_target_option(command, arguments->target);
    CLI::Option* count = command.add_flag("--count", arguments->count, "print how many there are, on the last line");
    command.add_flag("--first", arguments->first, "print the first one only")->excludes(count);
    command.add_option("--limit", arguments->limit, "print at most so many")->type_name("N")->excludes(count);
    command.add_flag("--json", arguments->json, "print one JSON object per line")->excludes(count);
    command.add_option("--engine", arguments->engine, "native, or z3 for comparison")
        ->check(CLI::IsMember({"native", "z3"}))
        ->option_text("native|z3 [native]");
    command.add_flag("--stats", arguments->stats,
                     "print a JSON line of parse_ms, solve_ms and nodes on standard error");
    command.footer(
        "Examples:\n"
        "  warpsmith solve \"lstm T=128 B=16 N=4 D=64 dtype=bf16\" --target h200\n"
        "  warpsmith solve space.json --count --stats");
    return [arguments] { return solve_space(*arguments); };
}

}  // namespace warpsmith
