// The second engine: the same models, solved by the SMT solver Z3, for comparison and for proofs of conflict.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "solver/model.hpp"
#include "solver/solution.hpp"

namespace warpsmith {

inline constexpr std::int64_t kMaxZ3Exponent = 64;  // powers are written out as products

// As `solve`, in the same order, for models of integers; quotients of `/` are exact, where Python and `solve` round
// them. Throws Error also for text, for other real numbers, for powers whose exponent is not a constant from 0 to 64,
// and when Z3 gives up.
std::vector<Solution> solve_with_z3(const Model& model, std::size_t limit = std::numeric_limits<std::size_t>::max());

// Positions of constraints that cannot hold together, not necessarily as few as possible. None if they can, or if Z3
// does not find out within `effort` (a number of its steps, so that the answer does not depend on the machine).
std::optional<std::vector<std::size_t>> z3_conflict(const Model& model, unsigned effort);

}  // namespace warpsmith
