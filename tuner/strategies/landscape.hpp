// Configurations as points of few levels per variable, and how unlike two levels are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tuner/strategies/strategy.hpp"

namespace warpsmith {

using Point = std::vector<std::uint16_t>;  // one level per dimension

// A dimension is a variable, or, where that is asked for, whether a variable's value is a power of two, for which index
// arithmetic is faster. Variables that take only one value in the space are left out.
class Landscape {
  public:
    Landscape(const SolutionSet& set, bool powers_of_two);

    std::size_t dimensions() const { return axes_.size(); }
    std::size_t levels(std::size_t dimension) const { return axes_[dimension].levels; }

    // Of one dimension, row by row: from 0 to about 1 between numbers, by their order, by their ratio and by the powers
    // of two that divide them; 1 between different texts.
    std::span<const double> distances(std::size_t dimension) const { return axes_[dimension].distances; }

    Point point(const Choices& choices) const;

  private:
    struct Axis {
        std::size_t variable = 0;
        std::size_t levels = 0;
        std::vector<std::uint16_t> level_of;  // by the place of a value in the variable's list
        std::vector<double> distances;
    };

    void add_powers_of_two(const Variable& variable, std::size_t place, std::span<const std::uint32_t> possible);

    std::vector<Axis> axes_;
};

}  // namespace warpsmith
