// What every search strategy does: it proposes configurations, and is told what came of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "solver/solution_set.hpp"

namespace warpsmith {

// A configuration: for each variable of the space, the place of its value in the variable's list.
using Choices = std::vector<std::uint32_t>;

struct Proposal {
    Choices choices;
    double effort = 1;  // of timing it, as a share of the usual; with less than 1 it may be proposed again with more
};

// What a strategy may look at. The set must outlive the strategy.
struct SearchProblem {
    const SolutionSet& set;
    std::function<double(const Choices&)> modelled;  // a time in any unit; empty where there is no model
    std::uint64_t seed = 1;                          // the same seed and answers give the same proposals
};

class Strategy {
  public:
    Strategy() = default;
    virtual ~Strategy() = default;
    Strategy(const Strategy&) = delete;
    Strategy& operator=(const Strategy&) = delete;

    // At most `count` configurations to try next, which may be tried at the same time; none when nothing is left to
    // try. Each must be told before the next call.
    virtual std::vector<Proposal> propose(std::size_t count) = 0;

    // The time that was measured; none when the configuration failed. Also of configurations that were not proposed,
    // whose times are known from an earlier run.
    virtual void tell(const Choices& choices, std::optional<double> time) = 0;
};

struct StrategyEntry {
    std::string_view name;
    std::string_view summary;
    std::unique_ptr<Strategy> (*make)(const SearchProblem& problem);
};

// The table of strategies; the first is the default.
std::span<const StrategyEntry> strategies();

std::string strategy_names(std::string_view separator);

// Throws Error that lists the names.
const StrategyEntry& find_strategy(std::string_view name);

}  // namespace warpsmith
