// Solutions drawn at random, each as likely as any other, without listing them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "solver/solution_set.hpp"

namespace warpsmith {

struct SampleOptions {
    std::uint64_t seed = 0;
    bool distinct = true;  // no solution is drawn twice; otherwise each draw is independent of the others
};

// `size` solutions in the order in which they are drawn, or all of them, in random order, where there are not so many
// distinct ones. The same on every platform. Throws Error when a group of connected variables alone has 2^128 - 1
// solutions or more.
std::vector<Solution> sample(const SolutionSet& set, std::size_t size, const SampleOptions& options = {});

}  // namespace warpsmith
