#include "tuner/strategies/model_order.hpp"

#include <algorithm>
#include <utility>

#include "solver/sample.hpp"

namespace warpsmith {

std::vector<Choices> in_model_order(const SearchProblem& problem) {
    constexpr std::size_t kMaxListed = std::size_t{1} << 18U;  // some seconds of modelling
    std::vector<Choices> order;
    for (const Solution& solution : sample(problem.set, kMaxListed, {.seed = problem.seed})) {
        order.push_back(solution.choices());
    }
    if (!problem.modelled) {
        return order;
    }
    std::vector<std::pair<double, Choices>> timed;
    timed.reserve(order.size());
    for (Choices& choices : order) {
        const double time = problem.modelled(choices);
        timed.emplace_back(time, std::move(choices));
    }
    std::ranges::sort(timed);
    std::ranges::transform(timed, order.begin(), [](auto& entry) { return std::move(entry.second); });
    return order;
}

}  // namespace warpsmith
