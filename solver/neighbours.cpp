#include "solver/neighbours.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/error.hpp"
#include "solver/lightest.hpp"

namespace warpsmith {
namespace {

// The ends of the ways through one group that are as given, but for one variable.
class OneChange {
  public:
    OneChange(const Diagram& diagram, std::span<const std::uint32_t> choices, Step step)
        : diagram_(diagram), choices_(choices), step_(step) {}

    bool unchanged() const { return holds(diagram_.root(), 0); }

    // Calls `found` with every variable and code that can be changed to, in the order of the variables.
    template <class Found>
    void each(const Found& found) const {
        NodeId node = diagram_.root();
        for (std::size_t position = 0; node != Diagram::kNone && position < diagram_.variables().size(); ++position) {
            const std::size_t variable = diagram_.variables()[position];
            for (std::size_t i = 0; i < diagram_.edge_count(node); ++i) {
                const Diagram::Edge edge = diagram_.edge(node, i);
                if (is_step(choices_[variable], edge.code) && holds(edge.child, position + 1)) {
                    found(variable, edge.code);
                }
            }
            node = diagram_.child(node, choices_[variable]);
        }
    }

  private:
    bool is_step(std::uint32_t from, std::uint32_t to) const {
        return step_ == Step::any ? from != to : std::max(from, to) - std::min(from, to) == 1;
    }

    bool holds(NodeId node, std::size_t position) const {
        for (; node != Diagram::kNone && position < diagram_.variables().size(); ++position) {
            node = diagram_.child(node, choices_[diagram_.variables()[position]]);
        }
        return node != Diagram::kNone;
    }

    const Diagram& diagram_;
    std::span<const std::uint32_t> choices_;
    Step step_;
};

}  // namespace

std::vector<Solution> neighbours(const SolutionSet& set, std::span<const std::uint32_t> choices, Step step) {
    if (choices.size() != set.scope()->variables.size()) {
        throw Error(fmt::format("looking for neighbours: {} values are given for {} variables; give each variable one",
                                choices.size(), set.scope()->variables.size()));
    }
    std::vector<std::size_t> changed;  // groups that must change, for they exclude the choices
    for (std::size_t group = 0; group < set.groups().size(); ++group) {
        if (!OneChange(set.groups()[group], choices, step).unchanged()) {
            changed.push_back(group);
        }
    }
    std::vector<std::pair<std::size_t, std::uint32_t>> changes;
    for (std::size_t group = 0; changed.size() <= 1 && group < set.groups().size(); ++group) {
        if (changed.empty() || changed.front() == group) {
            OneChange(set.groups()[group], choices, step).each([&](std::size_t variable, std::uint32_t code) {
                changes.emplace_back(variable, code);
            });
        }
    }
    std::ranges::sort(changes);
    std::vector<Solution> solutions;
    for (auto [variable, code] : changes) {
        std::vector<std::uint32_t> neighbour(choices.begin(), choices.end());
        neighbour[variable] = code;
        solutions.emplace_back(set.scope(), std::move(neighbour));
    }
    return solutions;
}

std::vector<Solution> nearest(const SolutionSet& set, const Configuration& configuration, std::size_t limit) {
    const Scope& scope = *set.scope();
    const std::vector<Wish> wished = wishes(scope, configuration);
    Weights weights(scope, 2);
    for (std::size_t variable = 0; variable < wished.size(); ++variable) {
        const Wish& wish = wished[variable];
        for (std::uint32_t code = 0; wish.given && code < scope.variables[variable].values.size(); ++code) {
            const bool differs = !wish.listed || code != wish.place;
            weights.of(variable, code)[0] = differs ? 1 : 0;
            weights.of(variable, code)[1] = std::max(code, wish.place) - std::min(code, wish.place);
        }
    }
    return lightest(set, weights, limit);
}

}  // namespace warpsmith
