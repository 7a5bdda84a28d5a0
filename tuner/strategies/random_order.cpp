#include "tuner/strategies/random_order.hpp"

#include <algorithm>

#include "solver/sample.hpp"

namespace warpsmith {

std::optional<Choices> RandomOrder::next() {
    while (gone_.size() < set_.count()) {
        if (position_ == drawn_.size()) {
            draw_more();
        }
        Choices& choices = drawn_[position_++];
        if (gone_.insert(choices).second) {
            return std::move(choices);
        }
    }
    return std::nullopt;
}

// The sampler forgets what it drew before: a new draw of many leaves some that are new.
void RandomOrder::draw_more() {
    constexpr std::size_t kFirst = 1024;
    const std::size_t size = std::max(kFirst, 2 * gone_.size());
    drawn_.clear();
    position_ = 0;
    for (const Solution& solution : sample(set_, size, {.seed = seed_++})) {
        drawn_.push_back(solution.choices());
    }
}

}  // namespace warpsmith
