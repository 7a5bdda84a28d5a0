#include "cache/nearest_workload.hpp"

#include <algorithm>
#include <cmath>

namespace warpsmith {
namespace {

// Dimensions are positive; anything else, which only another program can have recorded, counts as 1.
double log2_of(std::int64_t extent) {
    return std::log2(static_cast<double>(std::max<std::int64_t>(extent, 1)));
}

}  // namespace

std::optional<double> distance(const Workload& asked, const Workload& known, const Family& family) {
    if (asked.family != known.family || asked.dtype != known.dtype || asked.options != known.options) {
        return std::nullopt;
    }
    double sum_of_squares = 0;
    for (const Dimension& dimension : family.dimensions) {
        auto wanted = asked.dims.find(dimension.name);
        auto found = known.dims.find(dimension.name);
        if (wanted == asked.dims.end() || found == known.dims.end()) {
            return std::nullopt;
        }
        if (dimension.binding == Binding::fixed && wanted->second != found->second) {
            return std::nullopt;
        }
        double apart = log2_of(wanted->second) - log2_of(found->second);
        sum_of_squares += apart * apart;
    }
    return std::sqrt(sum_of_squares);
}

}  // namespace warpsmith
