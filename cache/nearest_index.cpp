#include "cache/nearest_index.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace warpsmith {

NearestIndex::NearestIndex(std::size_t dimensions, std::size_t points, std::span<const double> coordinates)
    : dimensions_(dimensions), aside_(points) {
    std::vector<std::uint32_t> all(points);
    std::iota(all.begin(), all.end(), 0U);
    if (points > 0) {
        cell_.resize(2 * dimensions_);
        bound(cell_.data(), all, coordinates);
        build(all, coordinates);
    }
    aside_ = {};
    cell_ = {};
}

// Boxes are those of the points, made from the leaves up: looking at every point once for each level takes longer. What
// is divided is the cell.
void NearestIndex::build(std::span<std::uint32_t> points, std::span<const double> coordinates) {
    const std::size_t node = nodes_.size();
    nodes_.emplace_back();
    boxes_.resize(boxes_.size() + 2 * dimensions_);
    if (points.size() <= kLeafPoints) {
        bound(boxes_.data() + node * 2 * dimensions_, points, coordinates);
        add_leaf(node, points, coordinates);
        return;
    }
    const Cut cut = divide(points, coordinates);
    build_within(cut, dimensions_, points.first(cut.below), coordinates);
    nodes_[node].right = static_cast<std::uint32_t>(nodes_.size());
    build_within(cut, 0, points.subspan(cut.below), coordinates);
    unite(node);
}

// The child on one side of a cut, which is the highest (`bounds` = dimensions_) or the lowest (0) of its cell.
void NearestIndex::build_within(const Cut& cut, std::size_t bounds, std::span<std::uint32_t> points,
                                std::span<const double> coordinates) {
    if (dimensions_ == 0) {
        build(points, coordinates);
        return;
    }
    const double whole = std::exchange(cell_[bounds + cut.dimension], cut.at);
    build(points, coordinates);
    cell_[bounds + cut.dimension] = whole;
}

void NearestIndex::unite(std::size_t node) {
    double* const box = boxes_.data() + node * 2 * dimensions_;
    const double* const left = boxes_.data() + (node + 1) * 2 * dimensions_;
    const double* const right = boxes_.data() + nodes_[node].right * 2 * dimensions_;
    for (std::size_t d = 0; d < dimensions_; ++d) {
        box[d] = std::min(left[d], right[d]);
        box[dimensions_ + d] = std::max(left[dimensions_ + d], right[dimensions_ + d]);
    }
}

void NearestIndex::bound(double* box, std::span<const std::uint32_t> points,
                         std::span<const double> coordinates) const {
    for (std::size_t d = 0; d < dimensions_; ++d) {
        double low = coordinates[points[0] * dimensions_ + d];
        double high = low;
        for (const std::uint32_t point : points) {
            const double its = coordinates[point * dimensions_ + d];
            low = std::min(low, its);
            high = std::max(high, its);
        }
        box[d] = low;
        box[dimensions_ + d] = high;
    }
}

void NearestIndex::add_leaf(std::size_t node, std::span<const std::uint32_t> points,
                            std::span<const double> coordinates) {
    const std::size_t first = points_.size();
    nodes_[node].first = static_cast<std::uint32_t>(first);
    nodes_[node].count = static_cast<std::uint32_t>(points.size());
    points_.insert(points_.end(), points.begin(), points.end());
    points_.resize(first + kLeafPoints);
    coordinates_.resize(points_.size() * dimensions_);
    for (std::size_t d = 0; d < dimensions_; ++d) {
        double* const its = &coordinates_[first * dimensions_ + d * kLeafPoints];
        for (std::size_t i = 0; i < points.size(); ++i) {
            its[i] = coordinates[points[i] * dimensions_ + d];
        }
    }
}

// Puts those first that lie below the middle of the cell's widest dimension; where one side would have less than a
// quarter, halves them at the median instead.
NearestIndex::Cut NearestIndex::divide(std::span<std::uint32_t> points, std::span<const double> coordinates) {
    const std::size_t half = points.size() / 2;
    if (dimensions_ == 0) {
        return {.below = half};
    }
    const double* low = cell_.data();
    const double* high = low + dimensions_;
    std::size_t widest = 0;
    for (std::size_t d = 1; d < dimensions_; ++d) {
        widest = high[d] - low[d] > high[widest] - low[widest] ? d : widest;
    }
    const double middle = low[widest] + (high[widest] - low[widest]) / 2;
    const auto coordinate = [&](std::uint32_t point) { return coordinates[point * dimensions_ + widest]; };
    std::size_t below = 0, others = 0;
    for (const std::uint32_t point : points) {  // without a branch, which nobody could foresee
        const bool is_below = coordinate(point) < middle;
        points[below] = point;
        aside_[others] = point;
        below += is_below ? 1 : 0;
        others += is_below ? 0 : 1;
    }
    std::copy_n(aside_.begin(), others, points.begin() + static_cast<std::ptrdiff_t>(below));
    if (std::min(below, others) >= points.size() / 4) {
        return {widest, middle, below};
    }
    std::nth_element(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(half), points.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return coordinate(a) < coordinate(b); });
    return {widest, coordinate(points[half]), half};
}

}  // namespace warpsmith
