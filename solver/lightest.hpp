// The solutions in the order of a weight that every value adds its part to, the lightest first, without listing them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "solver/solution_set.hpp"

namespace warpsmith {

// What each value of each variable weighs: some words, of which the first counts most. The weight of a solution is the
// sum of those of its values, word by word; no sum of words may need more than 64 bits.
class Weights {
  public:
    Weights(const Scope& scope, std::size_t words);

    std::size_t words() const { return words_; }
    std::span<std::uint64_t> of(std::size_t variable, std::uint32_t code) {
        return std::span(table_).subspan((first_[variable] + code) * words_, words_);
    }
    std::span<const std::uint64_t> of(std::size_t variable, std::uint32_t code) const {
        return std::span(table_).subspan((first_[variable] + code) * words_, words_);
    }

  private:
    std::size_t words_;
    std::vector<std::size_t> first_;  // by variable: the row of its first value
    std::vector<std::uint64_t> table_;
};

// At most `limit` solutions, in ascending order of weight; those that weigh the same in lexicographic order.
std::vector<Solution> lightest(const SolutionSet& set, const Weights& weights, std::size_t limit);

}  // namespace warpsmith
