#include <algorithm>
#include <utility>

#include "solver/neighbours.hpp"
#include "tuner/strategies/draws.hpp"
#include "tuner/strategies/made.hpp"
#include "tuner/strategies/random_order.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kPopulation = 20;  // as Kernel Tuner's genetic algorithm has it
constexpr int kAttempts = 20;            // at a child that is new and satisfies the constraints

// A genetic algorithm without generations: whoever is tried joins, and the slowest leaves.
class Evolutionary : public Strategy {
  public:
    explicit Evolutionary(const SearchProblem& problem)
        : set_(problem.set), random_order_(problem.set, problem.seed), random_(problem.seed) {
        for (std::size_t variable = 0; variable < set_.scope()->variables.size(); ++variable) {
            possible_.push_back(set_.possible(variable));
        }
    }

    std::vector<Proposal> propose(std::size_t count) override {
        std::vector<Proposal> proposals;
        while (proposals.size() < count) {
            std::optional<Choices> choices = tried_ + proposals.size() < kPopulation ? std::nullopt : child();
            choices = choices ? choices : random_order_.next();
            if (!choices) {
                break;
            }
            random_order_.remove(*choices);
            proposals.push_back({std::move(*choices)});
        }
        return proposals;
    }

    void tell(const Choices& choices, std::optional<double> time) override {
        random_order_.remove(choices);
        ++tried_;
        if (time) {
            const std::pair member(*time, choices);
            population_.insert(std::ranges::upper_bound(population_, member), member);
            population_.resize(std::min(population_.size(), kPopulation));
        }
    }

  private:
    // The faster of two, drawn at random.
    const Choices& parent() {
        return population_[std::min(below(random_, population_.size()), below(random_, population_.size()))].second;
    }

    std::optional<Choices> child() {
        for (int attempt = 0; attempt < kAttempts && !population_.empty(); ++attempt) {
            Choices child = parent();
            const Choices& other = parent();
            for (std::size_t variable = 0; variable < child.size(); ++variable) {
                child[variable] = below(random_, 2) == 0 ? other[variable] : child[variable];
                if (below(random_, child.size()) == 0) {
                    child[variable] = possible_[variable][below(random_, possible_[variable].size())];
                }
            }
            if (!random_order_.is_gone(child) && set_.contains(child)) {
                return child;
            }
        }
        return population_.empty() ? std::nullopt : neighbour();
    }

    std::optional<Choices> neighbour() {
        std::vector<Choices> unknown;
        for (const Solution& solution : neighbours(set_, parent())) {
            if (!random_order_.is_gone(solution.choices())) {
                unknown.push_back(solution.choices());
            }
        }
        return unknown.empty() ? std::nullopt : std::optional(unknown[below(random_, unknown.size())]);
    }

    const SolutionSet& set_;
    RandomOrder random_order_;
    RandomStream random_;
    std::vector<std::vector<std::uint32_t>> possible_;    // values, by variable
    std::vector<std::pair<double, Choices>> population_;  // the fastest first
    std::size_t tried_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> evolutionary(const SearchProblem& problem) {
    return std::make_unique<Evolutionary>(problem);
}

}  // namespace warpsmith
