#include <algorithm>
#include <limits>
#include <map>

#include "tuner/strategies/made.hpp"
#include "tuner/strategies/model_order.hpp"

namespace warpsmith {
namespace {

// So many configurations are timed with this share of the effort, then the faster half with twice as much, until the
// effort is whole: as much of it for each halving (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and
// Hyperparameter Optimization", 2016). Then the model's next ones.
constexpr std::size_t kFirstRung = 32;
constexpr double kFirstEffort = 1.0 / 8;

class ModelGuided : public Strategy {
  public:
    explicit ModelGuided(const SearchProblem& problem) : order_(in_model_order(problem)) {}

    std::vector<Proposal> propose(std::size_t count) override {
        if (rung_.empty()) {
            next_rung();
        }
        const std::size_t taken = std::min(count, rung_.size());
        std::vector<Proposal> proposals;
        for (std::size_t i = 0; i < taken; ++i) {
            proposals.push_back({std::move(rung_[i]), effort_});
            timed_.push_back(proposals.back().choices);
        }
        rung_.erase(rung_.begin(), rung_.begin() + static_cast<std::ptrdiff_t>(taken));
        return proposals;
    }

    void tell(const Choices& choices, std::optional<double> time) override { times_[choices] = time.value_or(kFailed); }

  private:
    void next_rung() {
        std::erase_if(timed_, [&](const Choices& choices) { return times_[choices] == kFailed; });
        std::ranges::stable_sort(timed_, {}, [&](const Choices& choices) { return times_[choices]; });
        if (effort_ < 1 && !timed_.empty()) {
            timed_.resize((timed_.size() + 1) / 2);
            rung_ = std::move(timed_);
            effort_ *= 2;
        } else {
            for (; next_ < order_.size() && rung_.size() < kFirstRung; ++next_) {
                if (!times_.contains(order_[next_])) {
                    rung_.push_back(order_[next_]);
                }
            }
            effort_ = kFirstEffort;
        }
        timed_.clear();
    }

    static constexpr double kFailed = std::numeric_limits<double>::infinity();

    std::vector<Choices> order_;
    std::size_t next_ = 0;
    double effort_ = 1;
    std::vector<Choices> rung_;   // to be timed with this effort
    std::vector<Choices> timed_;  // have been
    std::map<Choices, double> times_;
};

}  // namespace

std::unique_ptr<Strategy> model_guided(const SearchProblem& problem) {
    return std::make_unique<ModelGuided>(problem);
}

}  // namespace warpsmith
