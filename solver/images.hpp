// The values that an equality leaves a variable, computed from the lists of the variables in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "solver/knowledge.hpp"
#include "solver/model.hpp"

namespace warpsmith {

// Ascending and distinct; a value that is missing is excluded by `constraint`, or by another one. None when the
// constraint is no equality that can be solved for the variable, when another variable in it is not listed, when there
// are more than kMaxTried assignments to try, or when the constraint has no value for one of them: then `failure` says
// why, and for which constraint.
inline constexpr std::uint64_t kMaxTried = std::uint64_t{1} << 22U;
std::optional<std::vector<std::int64_t>> images(const Model& model, const std::vector<Knowledge>& known,
                                                std::size_t constraint, std::size_t variable, std::string& failure);

}  // namespace warpsmith
