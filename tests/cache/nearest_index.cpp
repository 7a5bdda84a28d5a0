#include "cache/nearest_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "cache/nearest_workload.hpp"

namespace warpsmith {
namespace {

struct Points {
    std::size_t dimensions = 0;
    std::vector<double> coordinates;

    std::size_t size() const { return coordinates.size() / dimensions; }
    std::span<const double> at(std::size_t point) const {
        return std::span(coordinates).subspan(point * dimensions, dimensions);
    }
};

// What looking at every point finds: of equally near ones the first.
std::optional<NearestIndex::Found> by_looking_at_all(const Points& points, std::span<const double> at,
                                                     std::uint32_t modulus) {
    std::optional<NearestIndex::Found> best;
    for (std::uint32_t point = 0; point < points.size(); ++point) {
        const double apart = squared_distance(at, points.at(point));
        if (point % modulus != 0 && (!best || apart < best->squared_distance)) {
            best = {point, apart};
        }
    }
    return best;
}

// How the points of a set lie in one dimension.
double place(std::mt19937_64& random, int kind) {
    switch (kind) {
        case 0:  // everywhere
            return std::uniform_real_distribution<>(0, 13)(random);
        case 1:  // on a grid, many on one another
            return static_cast<double>(random() % 4);
        case 2:  // ever closer to one end
            return std::exp2(-std::uniform_real_distribution<>(0, 40)(random));
        default:  // all but a few in one place
            return random() % 16 == 0 ? std::uniform_real_distribution<>(0, 30)(random) : 5.0;
    }
}

TEST(NearestIndex, FindsWhatLookingAtEveryPointFinds) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 400; ++round) {
        const int kind = round % 4;
        Points points{.dimensions = 1 + random() % NearestIndex::kMaxDimensions, .coordinates = {}};
        const std::size_t count = 1 + random() % 300;
        for (std::size_t i = 0; i < count * points.dimensions; ++i) {
            points.coordinates.push_back(place(random, kind));
        }
        const NearestIndex index(points.dimensions, count, points.coordinates);
        for (int asked = 0; asked < 20; ++asked) {
            std::vector<double> at;
            for (std::size_t d = 0; d < points.dimensions; ++d) {
                at.push_back(place(random, kind));
            }
            const std::uint32_t modulus = asked % 2 == 0 ? 3 : 1000;  // every so many are not to be taken
            std::uint32_t taken = 0;
            const auto accept = [&](std::uint32_t point) {
                taken = point % modulus != 0 ? point : taken;
                return point % modulus != 0;
            };
            const auto found = index.nearest(at, accept, std::less<>());
            const auto expected = by_looking_at_all(points, at, modulus);
            ASSERT_EQ(found.has_value(), expected.has_value()) << round;
            if (expected) {
                EXPECT_EQ(found->point, expected->point) << round;
                EXPECT_EQ(found->squared_distance, expected->squared_distance) << round;
                EXPECT_EQ(taken, found->point) << round;
            }
        }
    }
}

TEST(NearestIndex, PointsWithoutDimensionsAreAllInOnePlace) {
    const NearestIndex index(0, 100, {});
    const auto found = index.nearest(
        {}, [](std::uint32_t point) { return point > 41; }, std::less<>());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->point, 42U);
    EXPECT_EQ(found->squared_distance, 0);
}

TEST(NearestIndex, AmongNoPointsNoneIsNearest) {
    const auto any = [](std::uint32_t) { return true; };
    EXPECT_FALSE(NearestIndex().nearest({}, any, std::less<>()));
    EXPECT_FALSE(NearestIndex(2, 0, {}).nearest(std::vector<double>{1, 2}, any, std::less<>()));
}

}  // namespace
}  // namespace warpsmith
