#include <set>

#include "tuner/strategies/made.hpp"
#include "tuner/strategies/model_order.hpp"

namespace warpsmith {
namespace {

class Exhaustive : public Strategy {
  public:
    explicit Exhaustive(const SearchProblem& problem) : set_(problem.set) {
        if (problem.modelled) {
            order_ = in_model_order(problem);
        }
    }

    std::vector<Proposal> propose(std::size_t count) override {
        std::vector<Proposal> proposals;
        while (proposals.size() < count && (next_ < order_.size() || next_ < set_.count())) {
            Choices choices = next_ < order_.size() ? order_[next_] : set_.at(next_).choices();
            ++next_;
            if (!known_.contains(choices)) {
                proposals.push_back({std::move(choices)});
            }
        }
        return proposals;
    }

    void tell(const Choices& choices, std::optional<double> /*time*/) override { known_.insert(choices); }

  private:
    const SolutionSet& set_;
    std::vector<Choices> order_;  // empty: that of the space
    std::size_t next_ = 0;
    std::set<Choices> known_;
};

}  // namespace

std::unique_ptr<Strategy> exhaustive(const SearchProblem& problem) {
    return std::make_unique<Exhaustive>(problem);
}

}  // namespace warpsmith
