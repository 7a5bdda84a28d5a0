#include <gtest/gtest.h>

#include "solver/error.hpp"
#include "solver/search.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

struct Outcome {
    std::vector<std::vector<std::uint32_t>> solutions;
    bool fails = false;
};

Outcome searched(const Model& model) {
    Outcome outcome;
    try {
        for (const Solution& solution : solve(model)) {
            outcome.solutions.push_back(solution.choices());
        }
    } catch (const Error&) {
        outcome.fails = true;
    }
    return outcome;
}

void expect_search_agrees(RandomKind kind, std::uint32_t models) {
    std::size_t with_solutions = 0;
    for (std::uint32_t seed = 0; seed < models; ++seed) {
        RandomModel random(seed, kind);
        Exhausted expected = exhaust(random.model());
        Outcome found = searched(random.model());
        ASSERT_EQ(found.fails, expected.fails) << "seed " << seed << "\n" << description(random.model());
        if (!expected.fails) {
            ASSERT_EQ(found.solutions, expected.solutions) << "seed " << seed << "\n" << description(random.model());
            ASSERT_EQ(count(random.model()), expected.solutions.size()) << "seed " << seed;
            with_solutions += expected.solutions.empty() ? 0 : 1;
            std::optional<Solution> one = first(random.model());
            ASSERT_EQ(one.has_value(), !expected.solutions.empty()) << "seed " << seed;
            ASSERT_TRUE(!one || one->choices() == expected.solutions.front()) << "seed " << seed;
        }
    }
    EXPECT_GT(with_solutions, models / 10) << "the random models are too hard to tell anything";
}

TEST(RandomModels, OfPositiveIntegersHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_search_agrees({.zero_and_negative = false}, 3000);
}

TEST(RandomModels, OfAnyIntegersHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_search_agrees({}, 3000);
}

TEST(RandomModels, OfIntegersAndRealsHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_search_agrees({.reals = true}, 3000);
}

TEST(RandomModels, WithTextsHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_search_agrees({.reals = true, .texts = true}, 3000);
}

TEST(RandomModels, OfLargeIntegersHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_search_agrees({.zero_and_negative = false, .large = true}, 3000);
}

}  // namespace
}  // namespace warpsmith
