// The nearest of many points, in a tree of bounding boxes (Bentley 1975, k-d tree): a few hundred nanoseconds among ten
// thousand.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace warpsmith {

class NearestIndex {
  public:
    static constexpr std::size_t kMaxDimensions = 8;

    NearestIndex() = default;  // of no points

    // Point p is coordinates[p * dimensions] and those that follow it; `dimensions` may be 0, then all are one place.
    NearestIndex(std::size_t dimensions, std::size_t points, std::span<const double> coordinates);

    struct Found {
        std::uint32_t point = 0;
        double squared_distance = 0;
    };

    // The nearest point that `accept(point)` takes, which is the last that it took; among equally near ones, that which
    // `before(a, b)` puts first. Allocates nothing. Distances are those of squared_distance(), to the last bit.
    template <class Accept, class Before>
    std::optional<Found> nearest(std::span<const double> at, const Accept& accept, const Before& before) const;

  private:
    static constexpr std::size_t kLeafPoints = 8;
    static constexpr std::size_t kMaxDepth = 80;  // each side of a node has a quarter of its points: of 2^32 in all, 77

    struct Node {
        std::uint32_t right = 0;             // the left child is the next node; 0: a leaf
        std::uint32_t first = 0, count = 0;  // of a leaf, in points_
    };
    struct Waiting {
        std::uint32_t node;
        double least;  // no point in it is nearer
    };
    using Distances = std::array<double, kLeafPoints>;

    // Where the points of a node are divided in two.
    struct Cut {
        std::size_t dimension = 0;
        double at = 0;
        std::size_t below = 0;  // so many points
    };

    void build(std::span<std::uint32_t> points, std::span<const double> coordinates);
    void build_within(const Cut& cut, std::size_t bounds, std::span<std::uint32_t> points,
                      std::span<const double> coordinates);
    void bound(double* box, std::span<const std::uint32_t> points, std::span<const double> coordinates) const;
    void unite(std::size_t node);
    void add_leaf(std::size_t node, std::span<const std::uint32_t> points, std::span<const double> coordinates);
    Cut divide(std::span<std::uint32_t> points, std::span<const double> coordinates);
    double least_squared_distance(std::size_t node, std::span<const double> at) const;
    Distances squared_distances(const Node& leaf, std::span<const double> at) const;

    std::size_t dimensions_ = 0;
    std::vector<std::uint32_t> points_;  // leaf after leaf, each with room for kLeafPoints
    std::vector<double> coordinates_;    // of points_; of a leaf one dimension after another, so that they are computed
                                         // with several at a time
    std::vector<std::uint32_t> aside_;   // while building
    std::vector<double> cell_;           // while building: what the cuts have left for the next node
    std::vector<Node> nodes_;
    std::vector<double> boxes_;  // of each node: the lowest of every dimension, then the highest
};

// Rounding is monotone and both sums run over the dimensions in their order: what this gives never exceeds what
// squared_distance() gives for a point in the box.
inline double NearestIndex::least_squared_distance(std::size_t node, std::span<const double> at) const {
    const double* low = boxes_.data() + node * 2 * dimensions_;
    const double* high = low + dimensions_;
    double sum = 0;
    for (std::size_t i = 0; i < dimensions_; ++i) {
        const double outside = std::max(0.0, std::max(low[i] - at[i], at[i] - high[i]));
        sum += outside * outside;
    }
    return sum;
}

// As squared_distance() gives them.
inline NearestIndex::Distances NearestIndex::squared_distances(const Node& leaf, std::span<const double> at) const {
    Distances sums{};
    const double* its = coordinates_.data() + leaf.first * dimensions_;
    for (std::size_t d = 0; d < dimensions_; ++d, its += kLeafPoints) {
        for (std::size_t i = 0; i < kLeafPoints; ++i) {
            const double apart = at[d] - its[i];
            sums[i] += apart * apart;
        }
    }
    return sums;
}

template <class Accept, class Before>
std::optional<NearestIndex::Found> NearestIndex::nearest(std::span<const double> at, const Accept& accept,
                                                         const Before& before) const {
    std::optional<Found> best;
    double limit = std::numeric_limits<double>::infinity();
    std::array<Waiting, kMaxDepth> waiting;  // without initialisers: few are used
    std::size_t count = 0;
    if (!nodes_.empty()) {
        waiting[count++] = {0, 0};
    }
    while (count > 0) {
        const Waiting next = waiting[--count];
        if (next.least > limit) {
            continue;
        }
        const Node& node = nodes_[next.node];
        if (node.right != 0) {
            Waiting near{next.node + 1, least_squared_distance(next.node + 1, at)};
            Waiting far{node.right, least_squared_distance(node.right, at)};
            if (far.least < near.least) {
                std::swap(near, far);
            }
            waiting[count++] = far;
            waiting[count++] = near;
            continue;
        }
        const Distances distances = squared_distances(node, at);
        for (std::uint32_t i = 0; i < node.count; ++i) {
            if (distances[i] > limit) {
                continue;
            }
            const std::uint32_t point = points_[node.first + i];
            const bool nearer = !best || distances[i] < limit || before(point, best->point);
            if (nearer && accept(point)) {
                best = Found{point, distances[i]};
                limit = distances[i];
            }
        }
    }
    return best;
}

}  // namespace warpsmith
