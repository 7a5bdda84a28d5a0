#include "tuner/strategies/made.hpp"
#include "tuner/strategies/random_order.hpp"

namespace warpsmith {
namespace {

class RandomSearch : public Strategy {
  public:
    explicit RandomSearch(const SearchProblem& problem) : order_(problem.set, problem.seed) {}

    std::vector<Proposal> propose(std::size_t count) override {
        std::vector<Proposal> proposals;
        while (proposals.size() < count) {
            std::optional<Choices> choices = order_.next();
            if (!choices) {
                break;
            }
            proposals.push_back({std::move(*choices)});
        }
        return proposals;
    }

    void tell(const Choices& choices, std::optional<double> /*time*/) override { order_.remove(choices); }

  private:
    RandomOrder order_;
};

}  // namespace

std::unique_ptr<Strategy> random_search(const SearchProblem& problem) {
    return std::make_unique<RandomSearch>(problem);
}

}  // namespace warpsmith
