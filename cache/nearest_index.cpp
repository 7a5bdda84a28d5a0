#include "cache/nearest_index.hpp"

#include <algorithm>
#include <numeric>

namespace warpsmith {

NearestIndex::NearestIndex(std::size_t dimensions, std::size_t points, std::span<const double> coordinates)
    : dimensions_(dimensions), points_(points) {
    std::iota(points_.begin(), points_.end(), 0U);
    if (points > 0) {
        build(0, static_cast<std::uint32_t>(points), coordinates);
    }
    coordinates_.reserve(coordinates.size());
    for (const std::uint32_t point : points_) {
        const auto of_point = coordinates.subspan(point * dimensions, dimensions);
        coordinates_.insert(coordinates_.end(), of_point.begin(), of_point.end());
    }
}

std::size_t NearestIndex::widest(std::size_t node) const {
    const double* low = &boxes_[node * 2 * dimensions_];
    std::size_t widest = 0;
    for (std::size_t i = 1; i < dimensions_; ++i) {
        if (low[dimensions_ + i] - low[i] > low[dimensions_ + widest] - low[widest]) {
            widest = i;
        }
    }
    return widest;
}

// Halves the points at the median of the dimension in which they lie farthest apart: as deep as the logarithm of their
// number.
void NearestIndex::build(std::uint32_t first, std::uint32_t last, std::span<const double> coordinates) {
    const std::size_t node = nodes_.size();
    nodes_.push_back({.first = first, .last = last});
    boxes_.resize(boxes_.size() + 2 * dimensions_);
    const auto coordinate = [&](std::uint32_t point, std::size_t d) { return coordinates[point * dimensions_ + d]; };
    double* const low = boxes_.data() + node * 2 * dimensions_;
    double* const high = low + dimensions_;
    for (std::size_t d = 0; d < dimensions_; ++d) {
        low[d] = high[d] = coordinate(points_[first], d);
    }
    for (std::uint32_t i = first; i < last; ++i) {
        for (std::size_t d = 0; d < dimensions_; ++d) {
            const double its = coordinate(points_[i], d);
            low[d] = std::min(low[d], its);
            high[d] = std::max(high[d], its);
        }
    }
    if (last - first <= kLeafPoints || dimensions_ == 0) {
        return;
    }
    const std::size_t split = widest(node);
    const std::uint32_t middle = first + (last - first) / 2;
    struct Keyed {  // together in memory, for the many comparisons
        double key;
        std::uint32_t point;
    };
    std::vector<Keyed> keyed;
    keyed.reserve(last - first);
    for (std::uint32_t i = first; i < last; ++i) {
        keyed.push_back({coordinate(points_[i], split), points_[i]});
    }
    std::nth_element(keyed.begin(), keyed.begin() + (middle - first), keyed.end(),
                     [](const Keyed& a, const Keyed& b) { return a.key < b.key; });
    for (std::uint32_t i = first; i < last; ++i) {
        points_[i] = keyed[i - first].point;
    }
    build(first, middle, coordinates);
    nodes_[node].right = static_cast<std::uint32_t>(nodes_.size());
    build(middle, last, coordinates);
}

}  // namespace warpsmith
