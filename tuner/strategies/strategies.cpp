#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "solver/error.hpp"
#include "tuner/strategies/made.hpp"

namespace warpsmith {
namespace {

constexpr std::array kStrategies = {
    StrategyEntry{"bayesian", "what a Gaussian process expects to improve most", bayesian},
    StrategyEntry{"evolutionary", "a population whose fittest are crossed and mutated", evolutionary},
    StrategyEntry{"local", "to faster neighbours, from several starts", local_search},
    StrategyEntry{"model", "what the model finds fastest, by successive halving", model_guided},
    StrategyEntry{"random", "uniformly, without repetition", random_search},
    StrategyEntry{"exhaustive", "all of them", exhaustive},
};

}  // namespace

std::span<const StrategyEntry> strategies() {
    return kStrategies;
}

std::string strategy_names(std::string_view separator) {
    std::string names;
    for (const StrategyEntry& entry : kStrategies) {
        names += fmt::format("{}{}", names.empty() ? "" : separator, entry.name);
    }
    return names;
}

const StrategyEntry& find_strategy(std::string_view name) {
    const auto* found = std::ranges::find(kStrategies, name, &StrategyEntry::name);
    if (found != kStrategies.end()) {
        return *found;
    }
    throw Error(fmt::format("choosing a strategy: there is no '{}'; there are {}", name, strategy_names(", ")));
}

}  // namespace warpsmith
