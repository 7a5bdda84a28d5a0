#include "tuner/samples.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace warpsmith {
namespace {

std::vector<double> first_numbers(int count) {
    std::vector<double> numbers;
    for (int i = count; i > 0; --i) {
        numbers.push_back(i);
    }
    return numbers;
}

TEST(Samples, HaveTheMiddleOneOrTwoAsMedian) {
    EXPECT_EQ(median(std::vector<double>{5, 1, 2}), 2);
    EXPECT_EQ(median(std::vector<double>{5, 1, 2, 4}), 3);
    EXPECT_EQ(median({}), 0);
}

// 20 samples: ranks 5 and 16, as the binomial distribution gives for 95.9 %.
TEST(Samples, BoundTheMedianByTheirRanks) {
    EXPECT_EQ(median_interval(first_numbers(20)).low, 5);
    EXPECT_EQ(median_interval(first_numbers(20)).high, 16);
    EXPECT_EQ(median_interval(first_numbers(100)).low, 40);
    EXPECT_EQ(median_interval(first_numbers(100)).high, 61);
    EXPECT_EQ(median_interval(first_numbers(3)).low, 1);
    EXPECT_EQ(median_interval(first_numbers(3)).high, 3);
    EXPECT_EQ(median_interval({}).high, 0);
}

}  // namespace
}  // namespace warpsmith
