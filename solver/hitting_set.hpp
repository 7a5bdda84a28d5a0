// The smallest set that has an element of each of several sets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace warpsmith {

// None when every such set has `below` elements or more. `steps` counts down with every set that is tried; when it
// reaches 0 the search ends with none.
std::optional<std::vector<std::size_t>> smallest_hitting_set(std::span<const std::vector<std::size_t>> sets,
                                                             std::size_t below, std::uint64_t& steps);

}  // namespace warpsmith
