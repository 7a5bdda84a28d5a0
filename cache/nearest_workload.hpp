// How near one workload is to another, for answering with a configuration that was tuned for a neighbour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "templates/family.hpp"

namespace warpsmith {

// The logarithm (base 2) of a size. Sizes are positive; anything else, which only another program can have recorded,
// counts as 1.
double octaves(std::int64_t size);

// Of two points in octaves: what everything that looks for the nearest compares, so that all of it decides alike.
inline double squared_distance(std::span<const double> a, std::span<const double> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
}

// The square of the Euclidean distance over the logarithms (base 2) of the runtime dimensions: twice as long or half as
// long is 1 apart. Nothing when the family, dtype, options or a fixed dimension differ: the kernel would be another.
std::optional<double> squared_distance(const Workload& asked, const Workload& known, const Family& family);

}  // namespace warpsmith
