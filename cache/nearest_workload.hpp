// How near one workload is to another, for answering with a configuration that was tuned for a neighbour.
#pragma once

#include <optional>

#include "templates/family.hpp"

namespace warpsmith {

// Euclidean distance over the logarithms (base 2) of the runtime dimensions: twice as long or half as long is 1 apart.
// Nothing when the family, dtype, options or a fixed dimension differ: the kernel would be another.
std::optional<double> distance(const Workload& asked, const Workload& known, const Family& family);

}  // namespace warpsmith
