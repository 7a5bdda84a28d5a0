// All configurations of a space in random order, drawn as they are asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "tuner/strategies/strategy.hpp"

namespace warpsmith {

class RandomOrder {
  public:
    RandomOrder(const SolutionSet& set, std::uint64_t seed) : set_(set), seed_(seed) {}

    // Never the same twice, nor one that was removed; none when all have been handed out.
    std::optional<Choices> next();

    void remove(const Choices& choices) { gone_.insert(choices); }
    bool is_gone(const Choices& choices) const { return gone_.contains(choices); }

  private:
    void draw_more();

    const SolutionSet& set_;
    std::uint64_t seed_;
    std::vector<Choices> drawn_;
    std::size_t position_ = 0;
    std::set<Choices> gone_;
};

}  // namespace warpsmith
