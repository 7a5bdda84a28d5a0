// The nearest of many points, in a tree of bounding boxes (Bentley 1975, k-d tree): a few hundred nanoseconds among ten
// thousand.
#pragma once

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

    // Point p is coordinates[p * dimensions] and those that follow it; `dimensions` may be 0, then all are one place.
    NearestIndex(std::size_t dimensions, std::size_t points, std::span<const double> coordinates);

    struct Found {
        std::uint32_t point = 0;
        double squared_distance = 0;
    };

    // The nearest point that `accept(point)` takes; among equally near ones, that which `before(a, b)` puts first.
    // Allocates nothing. Distances are those of squared_distance(), to the last bit.
    template <class Accept, class Before>
    std::optional<Found> nearest(std::span<const double> at, const Accept& accept, const Before& before) const;

    std::size_t size() const { return points_.size(); }

  private:
    static constexpr std::size_t kLeafPoints = 8;
    static constexpr std::size_t kMaxDepth = 40;

    struct Node {
        std::uint32_t first = 0, last = 0;  // of points_
        std::uint32_t right = 0;            // the left child is the next node; 0: a leaf
    };
    struct Waiting {
        std::uint32_t node;
        double least;  // no point in it is nearer
    };

    void build(std::uint32_t first, std::uint32_t last, std::span<const double> coordinates);
    std::size_t widest(std::size_t node) const;
    double least_squared_distance(std::size_t node, std::span<const double> at) const;

    std::size_t dimensions_;
    std::vector<std::uint32_t> points_;  // in the order of the leaves
    std::vector<double> coordinates_;    // of points_, in their order
    std::vector<Node> nodes_;
    std::vector<double> boxes_;  // of each node: the lowest of every dimension, then the highest
};

// Rounding is monotone and both sums run over the dimensions in their order: what this gives never exceeds what
// squared_distance() gives for a point in the box.
inline double NearestIndex::least_squared_distance(std::size_t node, std::span<const double> at) const {
    const double* low = &boxes_[node * 2 * dimensions_];
    const double* high = low + dimensions_;
    double sum = 0;
    for (std::size_t i = 0; i < dimensions_; ++i) {
        const double below = low[i] - at[i];
        const double above = at[i] - high[i];
        const double outside = below > 0 ? below : (above > 0 ? above : 0);
        sum += outside * outside;
    }
    return sum;
}

template <class Accept, class Before>
std::optional<NearestIndex::Found> NearestIndex::nearest(std::span<const double> at, const Accept& accept,
                                                         const Before& before) const {
    std::optional<Found> best;
    double limit = std::numeric_limits<double>::infinity();
    std::array<Waiting, kMaxDepth> waiting{};
    std::size_t count = 0;
    if (!nodes_.empty()) {
        waiting[count++] = {0, least_squared_distance(0, at)};
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
        for (std::uint32_t i = node.first; i < node.last; ++i) {
            double sum = 0;
            for (std::size_t d = 0; d < dimensions_; ++d) {
                const double apart = at[d] - coordinates_[i * dimensions_ + d];
                sum += apart * apart;
            }
            const std::uint32_t point = points_[i];
            const bool nearer = !best || sum < limit || (sum == limit && before(point, best->point));
            if (nearer && accept(point)) {
                best = Found{point, sum};
                limit = sum;
            }
        }
    }
    return best;
}

}  // namespace warpsmith
