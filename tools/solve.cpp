// warpsmith solve: every configuration that a space allows.
#include <fmt/format.h>

#include <algorithm>
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
    std::uint64_t limit = 0;  // none
    bool brackets = false;
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
    const std::size_t all = SolveOptions{}.limit;
    const std::size_t limit = arguments.first ? 1 : arguments.limit == 0 ? all : arguments.limit;
    return arguments.engine == "z3" ? solve_with_z3(model, limit) : solve(model, {.limit = limit, .stats = &stats});
}

std::uint64_t count_of(const Model& model, const SolveArguments& arguments) {
    const std::uint64_t all = arguments.engine == "z3" ? solve_with_z3(model).size() : count(model);
    return arguments.limit == 0 ? all : std::min(all, arguments.limit);
}

int solve_space(const SolveArguments& arguments) {
    const NamedModel space =
        read_space(arguments.space, arguments.target, arguments.brackets ? Brackets::counted : Brackets::dropped);
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
    if (solutions.empty()) {
        return nothing_found(fmt::format("solving {}: no configuration fits; warpsmith explain tells why", space.name));
    }
    return kDone;
}

}  // namespace

Command solve_command() {
    auto arguments = std::make_shared<SolveArguments>();
    const auto flag = [](const char* name, bool& value, const char* meaning, const char* excludes = "") {
        return Argument{.name = name, .value = &value, .meaning = meaning, .excludes = excludes};
    };
    return {.arguments = {space_argument(arguments->space),
                          target_option(arguments->target),
                          brackets_option(arguments->brackets),
                          flag("--count", arguments->count, "print how many there are, on the last line"),
                          flag("--first", arguments->first, "print the first one only", "--count"),
                          {.name = "--limit",
                           .value = &arguments->limit,
                           .meaning = "print at most so many; without it, all",
                           .shown = "N"},
                          flag("--json", arguments->json, "print one JSON object per line"),
                          {.name = "--engine",
                           .value = &arguments->engine,
                           .meaning = "z3 is slower, for comparison",
                           .choices = {"native", "z3"}},
                          flag("--stats", arguments->stats,
                               "print parse_ms, solve_ms and nodes as a JSON line on standard error")},
            .notes =
                "Examples:\n"
                "  warpsmith solve \"lstm T=128 B=16 N=4 D=64 dtype=bf16\" --target h200\n"
                "  warpsmith solve space.json --count --stats",
            .run = [arguments] { return solve_space(*arguments); }};
}

}  // namespace warpsmith
