// warpsmith solve: every configuration that a space allows.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "solver/error.hpp"
#include "solver/k_best.hpp"
#include "solver/neighbours.hpp"
#include "solver/preference.hpp"
#include "solver/sample.hpp"
#include "solver/search.hpp"
#include "solver/z3_engine.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/interrupt.hpp"
#include "tools/recorded.hpp"
#include "tools/solution_writer.hpp"
#include "tools/space_argument.hpp"

namespace warpsmith {
namespace {

struct SolveArguments {
    std::string space;
    std::string target;
    std::string engine = "native";
    std::uint64_t limit = 0;   // none
    std::uint64_t sample = 0;  // none
    std::uint64_t seed = 0;
    std::uint64_t best = 0;  // none
    std::string nearest;
    std::vector<std::string> preferences;
    bool brackets = false;
    bool marginals = false;
    bool count = false;
    bool first = false;
    bool json = false;
    bool stats = false;
};

constexpr std::size_t kNearestShown = 10;

nlohmann::ordered_json to_json(const Solution& solution) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < solution.size(); ++i) {
        std::visit([&](const auto& value) { object[solution.variables()[i].name] = value; }, solution.at(i));
    }
    return object;
}

// With the cost, if there is one, unless a variable has this name.
void print_solutions(const std::vector<Solution>& solutions, bool json, const std::optional<Expr>& cost) {
    for (const Solution& solution : solutions) {
        if (!json) {
            fmt::print("{}\n", to_string(solution));
            continue;
        }
        nlohmann::ordered_json object = to_json(solution);
        if (cost && !object.contains("cost")) {
            std::visit([&](const auto& value) { object["cost"] = value; }, evaluate_value(*cost, solution));
        }
        fmt::print("{}\n", object.dump());
    }
}

std::string text_of(Count count) {
    if (count == kMaxCount) {
        throw Error("counting solutions: there are 2^128 or more; add constraints, or ask for the first or a sample");
    }
    return fmt::format("{}", count);
}

void print_marginals(const SolutionSet& set, bool json) {
    const std::vector<std::vector<Count>> counts = set.marginals();
    for (std::size_t v = 0; v < counts.size(); ++v) {
        const Variable& variable = set.scope()->variables[v];
        for (std::size_t place = 0; place < counts[v].size(); ++place) {
            const std::string count = text_of(counts[v][place]);
            const Value& value = variable.values[place];
            if (!json) {
                fmt::print("{}={} {}\n", variable.name, to_string(value), count);
                continue;
            }
            nlohmann::ordered_json object = {{"variable", variable.name}};
            std::visit([&](const auto& content) { object["value"] = content; }, value);
            std::string line = object.dump();
            line.pop_back();
            fmt::print("{},\"solutions\":{}}}\n", line, count);  // the library has no integers beyond 64 bits
        }
    }
}

void print_stats(const SearchStats& stats) {
    nlohmann::ordered_json object = {
        {"parse_ms", stats.parse_ms}, {"solve_ms", stats.solve_ms}, {"nodes", stats.nodes}};
    fmt::print(stderr, "{}\n", object.dump());
}

// The options that say which solutions are wanted, and whether they go with --limit and --first.
struct Way {
    const char* name;
    bool given;
    bool takes_limit;
};

void check_combination(const SolveArguments& arguments) {
    const Way ways[] = {{"--count", arguments.count, true},
                        {"--sample", arguments.sample > 0, false},
                        {"--best", arguments.best > 0, false},
                        {"--nearest", !arguments.nearest.empty(), true},
                        {"--prefer", !arguments.preferences.empty(), true},
                        {"--marginals", arguments.marginals, false}};
    const Way* chosen = nullptr;
    for (const Way& way : ways) {
        if (way.given && chosen != nullptr) {
            throw Error(fmt::format("solving: {} and {} exclude each other; give one of them", chosen->name, way.name));
        }
        chosen = way.given ? &way : chosen;
    }
    if (chosen != nullptr && !chosen->takes_limit && (arguments.first || arguments.limit > 0)) {
        throw Error(fmt::format("solving: {} does not go with --first and --limit; leave them out", chosen->name));
    }
    if (chosen != nullptr && !arguments.count && arguments.engine == "z3") {
        throw Error(fmt::format("solving: --engine z3 cannot do {}; leave out one of them", chosen->name));
    }
    if (arguments.seed != 0 && arguments.sample == 0) {
        throw Error("solving: --seed goes with --sample; add --sample N or leave it out");
    }
}

std::size_t limit_of(const SolveArguments& arguments, std::size_t otherwise) {
    return arguments.first ? 1 : arguments.limit == 0 ? otherwise : arguments.limit;
}

std::vector<Solution> chosen_solutions(const Model& model, const SolveArguments& arguments, SearchStats& stats) {
    const SolutionSet set(model);
    stats.nodes = set.nodes();
    if (arguments.sample > 0) {
        return sample(set, arguments.sample, {.seed = arguments.seed});
    }
    if (!arguments.nearest.empty()) {
        return nearest(set, parse_configuration(arguments.nearest), limit_of(arguments, kNearestShown));
    }
    if (arguments.best == 0) {
        std::vector<Preference> preferences;
        std::ranges::transform(arguments.preferences, std::back_inserter(preferences), parse_preference);
        return preferred(set, preferences, limit_of(arguments, SolveOptions{}.limit));
    }
    return k_best(set, cost_of(model), arguments.best);
}

Count count_of(const Model& model, const SolveArguments& arguments, SearchStats& stats) {
    if (arguments.engine == "z3") {
        return solve_with_z3(model, limit_of(arguments, SolveOptions{}.limit)).size();
    }
    const SolutionSet set(model);
    stats.nodes = set.nodes();
    return arguments.limit == 0 ? set.count() : std::min<Count>(set.count(), arguments.limit);
}

class Stopwatch {
  public:
    // Prints the statistics, if they are wanted.
    void stop(SearchStats stats, const SolveArguments& arguments) const {
        stats.solve_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
        if (arguments.stats) {
            print_stats(stats);
        }
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

int no_configuration(const NamedModel& space) {
    return nothing_found(fmt::format("solving {}: no configuration fits; warpsmith explain tells why", space.name));
}

bool chooses(const SolveArguments& arguments) {
    return arguments.sample > 0 || arguments.best > 0 || !arguments.nearest.empty() || !arguments.preferences.empty();
}

// Every line is whole, also the last one before Ctrl-C.
int print_all(const NamedModel& space, const SolveArguments& arguments, SearchStats& stats) {
    const Stopwatch stopwatch;
    const SolutionSet set(space.model);
    stats.nodes = set.nodes();
    stopwatch.stop(stats, arguments);
    if (set.count() == 0) {
        return no_configuration(space);
    }
    const std::atomic<bool>& interrupted = watch_for_interrupt();
    SolutionWriter writer(set.scope(), arguments.json, stdout);
    set.for_each_block(limit_of(arguments, SolveOptions{}.limit), [&](const SolutionTable& block) {
        writer.write(block);
        return !interrupted;
    });
    return interrupted ? nothing_found(fmt::format("solving {}: stopped before the end", space.name)) : kDone;
}

int solve_space(const SolveArguments& arguments) {
    check_combination(arguments);
    const NamedModel space =
        read_space(arguments.space, arguments.target, arguments.brackets ? Brackets::counted : Brackets::dropped);
    SearchStats stats{.parse_ms = space.parse_ms};
    const Stopwatch stopwatch;
    if (arguments.count) {
        const Count found = count_of(space.model, arguments, stats);
        stopwatch.stop(stats, arguments);
        fmt::print("{}\n", text_of(found));
        return kDone;
    }
    if (arguments.marginals) {
        const SolutionSet set(space.model);
        stats.nodes = set.nodes();
        stopwatch.stop(stats, arguments);
        if (set.count() == 0) {
            return no_configuration(space);
        }
        print_marginals(set, arguments.json);
        return kDone;
    }
    const std::size_t limit = limit_of(arguments, SolveOptions{}.limit);
    const bool native = arguments.engine == "native" && !chooses(arguments);
    if (native && limit > 1) {
        return print_all(space, arguments, stats);
    }
    const std::vector<Solution> solutions = native ? solve(space.model, {.limit = limit, .stats = &stats})
                                            : arguments.engine == "z3"
                                                ? solve_with_z3(space.model, limit)
                                                : chosen_solutions(space.model, arguments, stats);
    stopwatch.stop(stats, arguments);
    print_solutions(solutions, arguments.json, arguments.best > 0 ? space.model.cost() : std::nullopt);
    return solutions.empty() ? no_configuration(space) : kDone;
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
                          {.name = "--sample",
                           .value = &arguments->sample,
                           .meaning = "print so many different ones drawn at random, each as likely as any other",
                           .shown = "N"},
                          {.name = "--seed",
                           .value = &arguments->seed,
                           .meaning = "of --sample: the same seed draws the same on every machine; 0",
                           .shown = "S"},
                          {.name = "--best",
                           .value = &arguments->best,
                           .meaning = "print the K cheapest by the cost of the space (\"minimize\"), cheapest first",
                           .shown = "K"},
                          {.name = "--prefer",
                           .value = &arguments->preferences,
                           .meaning = "order by this parameter's value; given again, then by that one's",
                           .shown = "NAME=largest|smallest"},
                          {.name = "--nearest",
                           .value = &arguments->nearest,
                           .meaning = "print those that differ least from these values, which need not fit; 10 of "
                                      "them, or as --limit says",
                           .shown = "\"NAME=VALUE ...\""},
                          flag("--marginals", arguments->marginals, "print in how many of them each value occurs"),
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
                "  warpsmith solve space.json --count --stats\n"
                "  warpsmith solve space.json --sample 100 --seed 1\n"
                "  warpsmith solve space.json --best 5 --json\n"
                "  warpsmith solve space.json --prefer threads=largest --prefer items=smallest --limit 3\n"
                "  warpsmith solve space.json --nearest \"threads=100 items=4\"\n"
                "  warpsmith solve space.json --marginals",
            .run = [arguments] { return solve_space(*arguments); }};
}

}  // namespace warpsmith
