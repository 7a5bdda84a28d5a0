#include "cache/nearest_workload.hpp"

#include <gtest/gtest.h>

#include "tests/cache/toy_trials.hpp"

namespace warpsmith {
namespace {

TEST(NearestWorkload, TwiceAndHalfAsLongAreEquallyFar) {
    const Family& toy = toy_families()[0];
    EXPECT_EQ(squared_distance(recorded_workload(128), recorded_workload(256), toy), 1.0);
    EXPECT_EQ(squared_distance(recorded_workload(128), recorded_workload(64), toy), 1.0);
    EXPECT_EQ(squared_distance(recorded_workload(128), recorded_workload(128), toy), 0.0);
}

TEST(NearestWorkload, RuntimeDimensionsAddUpAsInEuclideanSpace) {
    Family family{.name = "two", .dimensions = {{"B", Binding::runtime, ""}, {"T", Binding::runtime, ""}}};
    Workload asked{.family = "two", .dims = {{"B", 1}, {"T", 1}}};
    Workload known{.family = "two", .dims = {{"B", 8}, {"T", 16}}};
    EXPECT_EQ(squared_distance(asked, known, family), 25.0);
}

TEST(NearestWorkload, AnotherFixedDimensionIsNoNeighbour) {
    EXPECT_EQ(squared_distance(recorded_workload(128, 64), recorded_workload(128, 32), toy_families()[0]),
              std::nullopt);
}

}  // namespace
}  // namespace warpsmith
