#include "solver/hitting_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

namespace warpsmith {
namespace {

using Sets = std::vector<std::vector<std::size_t>>;
using Elements = std::vector<std::size_t>;
using Chosen = std::optional<Elements>;

constexpr std::uint64_t kEnough = 1'000'000;

Chosen smallest(const Sets& sets, std::size_t below) {
    std::uint64_t steps = kEnough;
    return smallest_hitting_set(sets, below, steps);
}

TEST(HittingSet, OfNoSetsIsEmpty) {
    EXPECT_EQ(smallest({}, 1), Elements{});
    EXPECT_EQ(smallest({}, 0), std::nullopt);
}

TEST(HittingSet, TakesWhatSeveralSetsShare) {
    EXPECT_EQ(smallest({{1, 2}, {2, 3}, {4, 2}}, 4), Elements{2});
}

TEST(HittingSet, IsAscendingWhateverTheOrderOfTheSets) {
    EXPECT_EQ(smallest({{7}, {3}, {5}}, 4), (Elements{3, 5, 7}));
}

TEST(HittingSet, IsRefusedWhenItHasAsManyElementsAsTheLimit) {
    EXPECT_EQ(smallest({{7}, {3}, {5}}, 3), std::nullopt);
}

TEST(HittingSet, OfASetWithoutElementsDoesNotExist) {
    EXPECT_EQ(smallest({{1}, {}}, 5), std::nullopt);
}

TEST(HittingSet, IsGivenUpWhenTheStepsAreUsedUp) {
    const Sets sets = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    std::uint64_t steps = 5;  // 3 for one element, 2 of those for two
    EXPECT_EQ(smallest_hitting_set(sets, 4, steps), std::nullopt);
    EXPECT_EQ(steps, 0U);
}

std::uint32_t bits_of(const std::vector<std::size_t>& elements) {
    std::uint32_t bits = 0;
    for (std::size_t element : elements) {
        bits |= std::uint32_t{1} << element;
    }
    return bits;
}

// By trying every subset of ten elements.
int fewest_elements(const Sets& sets) {
    int fewest = 11;
    for (std::uint32_t subset = 0; subset < 1024; ++subset) {
        const bool hits = std::ranges::all_of(sets, [&](const auto& set) { return (bits_of(set) & subset) != 0; });
        fewest = hits ? std::min(fewest, std::popcount(subset)) : fewest;
    }
    return fewest;
}

TEST(HittingSet, HitsEverySetWithNoMoreElementsThanTheBestOfAllSubsets) {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        Sets sets(1 + random() % 8);
        for (std::vector<std::size_t>& set : sets) {
            set.resize(1 + random() % 4);
            std::ranges::generate(set, [&] { return random() % 10; });
        }
        const Chosen chosen = smallest(sets, 11);
        ASSERT_TRUE(chosen) << "round " << round;
        for (const std::vector<std::size_t>& set : sets) {
            ASSERT_NE(bits_of(set) & bits_of(*chosen), 0U) << "round " << round;
        }
        ASSERT_EQ(static_cast<int>(chosen->size()), fewest_elements(sets)) << "round " << round;
    }
}

}  // namespace
}  // namespace warpsmith
