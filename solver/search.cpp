#include "solver/search.hpp"

#include <fmt/format.h>

#include <chrono>

#include "solver/error.hpp"
#include "solver/probe.hpp"
#include "solver/solution_set.hpp"

namespace warpsmith {
namespace {

// Fills the statistics, if they are wanted, when the search is over.
class Stopwatch {
  public:
    void stop(SearchStats* stats, std::uint64_t nodes) const {
        if (stats != nullptr) {
            std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start_;
            stats->nodes = nodes;
            stats->solve_ms = elapsed.count();
        }
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

std::vector<Solution> solve(const Model& model, const SolveOptions& options) {
    Stopwatch stopwatch;
    const Probe probe = options.limit == 1 ? probe_first(model) : Probe{};
    if (probe.choices) {
        stopwatch.stop(options.stats, probe.nodes);
        return {{std::make_shared<const Scope>(Scope{model.variables(), model.definitions()}), *probe.choices}};
    }
    SolutionSet set(model, options.limit == 1 ? Extent::first : Extent::all);
    SolutionTable table = set.list(options.limit);
    std::vector<Solution> solutions;
    solutions.reserve(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row) {
        solutions.push_back(table[row]);
    }
    stopwatch.stop(options.stats, probe.nodes + set.nodes());
    return solutions;
}

std::optional<Solution> first(const Model& model) {
    std::vector<Solution> found = solve(model, {.limit = 1});
    return found.empty() ? std::nullopt : std::optional<Solution>(found.front());
}

std::uint64_t count(const Model& model, SearchStats* stats) {
    Stopwatch stopwatch;
    SolutionSet set(model);
    if (set.count() > std::numeric_limits<std::uint64_t>::max()) {
        throw Error("counting solutions: there are 2^64 or more; add constraints, or ask for the first or a sample");
    }
    stopwatch.stop(stats, set.nodes());
    return static_cast<std::uint64_t>(set.count());
}

}  // namespace warpsmith
