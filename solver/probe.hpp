// The first solution found by plain backtracking, for the many models where that takes a few steps: less than a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "solver/model.hpp"

namespace warpsmith {

struct Probe {
    std::optional<std::vector<std::uint32_t>> choices;  // of the first solution; none: nothing is known
    std::uint64_t nodes = 0;                            // values tried
};

// Gives up after some thousand operations, and when a constraint cannot be evaluated.
Probe probe_first(const Model& model);

}  // namespace warpsmith
