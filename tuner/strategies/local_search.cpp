#include <algorithm>
#include <limits>
#include <map>

#include "solver/neighbours.hpp"
#include "tuner/strategies/draws.hpp"
#include "tuner/strategies/made.hpp"
#include "tuner/strategies/random_order.hpp"

namespace warpsmith {
namespace {

class LocalSearch : public Strategy {
  public:
    explicit LocalSearch(const SearchProblem& problem)
        : set_(problem.set), starts_(problem.set, problem.seed), random_(problem.seed) {}

    std::vector<Proposal> propose(std::size_t count) override {
        std::vector<Proposal> proposals;
        while (proposals.size() < count) {
            std::optional<Choices> choices = next();
            if (!choices) {
                break;
            }
            starts_.remove(*choices);
            proposals.push_back({std::move(*choices)});
        }
        return proposals;
    }

    void tell(const Choices& choices, std::optional<double> time) override {
        starts_.remove(choices);
        times_[choices] = time.value_or(kFailed);
        if (time && *time < here_time_) {
            move_to(choices, *time);
        }
    }

  private:
    static constexpr double kFailed = std::numeric_limits<double>::infinity();

    // An untried neighbour of where the walk is; at its end, a new start.
    std::optional<Choices> next() {
        while (!ahead_.empty()) {
            Choices choices = std::move(ahead_.back());
            ahead_.pop_back();
            if (!starts_.is_gone(choices)) {
                return choices;
            }
        }
        here_time_ = kFailed;
        return starts_.next();
    }

    // Goes on to neighbours that are known to be faster at once.
    void move_to(Choices choices, double time) {
        for (bool moved = true; moved;) {
            here_time_ = time;
            ahead_.clear();
            for (const Solution& neighbour : neighbours(set_, choices)) {
                ahead_.push_back(neighbour.choices());
            }
            moved = false;
            for (const Choices& neighbour : ahead_) {
                auto known = times_.find(neighbour);
                if (known != times_.end() && known->second < time) {
                    time = known->second;
                    choices = neighbour;
                    moved = true;
                }
            }
        }
        for (std::size_t i = ahead_.size(); i > 1; --i) {
            std::swap(ahead_[i - 1], ahead_[below(random_, i)]);
        }
    }

    const SolutionSet& set_;
    RandomOrder starts_;
    RandomStream random_;
    std::map<Choices, double> times_;
    double here_time_ = kFailed;  // of where the walk is
    std::vector<Choices> ahead_;  // its neighbours, in random order
};

}  // namespace

std::unique_ptr<Strategy> local_search(const SearchProblem& problem) {
    return std::make_unique<LocalSearch>(problem);
}

}  // namespace warpsmith
