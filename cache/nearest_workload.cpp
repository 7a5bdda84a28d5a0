#include "cache/nearest_workload.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace warpsmith {

double octaves(std::int64_t size) {
    return std::log2(static_cast<double>(std::max<std::int64_t>(size, 1)));
}

std::optional<double> squared_distance(const Workload& asked, const Workload& known, const Family& family) {
    if (asked.family != known.family || asked.dtype != known.dtype || asked.options != known.options) {
        return std::nullopt;
    }
    std::vector<double> from;
    std::vector<double> to;
    for (const Dimension& dimension : family.dimensions) {
        auto wanted = asked.dims.find(dimension.name);
        auto found = known.dims.find(dimension.name);
        if (wanted == asked.dims.end() || found == known.dims.end()) {
            return std::nullopt;
        }
        if (dimension.binding == Binding::fixed && wanted->second != found->second) {
            return std::nullopt;
        }
        if (dimension.binding == Binding::runtime) {
            from.push_back(octaves(wanted->second));
            to.push_back(octaves(found->second));
        }
    }
    return squared_distance(from, to);
}

}  // namespace warpsmith
