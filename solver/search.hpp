// Exact and complete search: all solutions of a model, the first one, how many there are.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "solver/model.hpp"
#include "solver/solution.hpp"

namespace warpsmith {

struct SearchStats {
    std::uint64_t nodes = 0;  // partial assignments looked at
    double parse_ms = 0;      // filled by whoever read the model from text
    double solve_ms = 0;
};

struct SolveOptions {
    std::size_t limit = std::numeric_limits<std::size_t>::max();
    SearchStats* stats = nullptr;  // filled when given
};

// In lexicographic order: the first variable declared varies slowest, each takes its values in the order listed.
// Throws Error when a constraint cannot be evaluated for an assignment that no other constraint excludes. `first` and
// a limit of 1 look no further than the first solution.
std::vector<Solution> solve(const Model& model, const SolveOptions& options = {});
std::optional<Solution> first(const Model& model);

// Without listing them. Throws Error when there are 2^64 or more. `stats` is filled when given.
std::uint64_t count(const Model& model, SearchStats* stats = nullptr);

}  // namespace warpsmith
