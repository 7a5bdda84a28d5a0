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

// Whether there are solutions.
bool search_agrees(const Model& model, std::uint32_t seed) {
    const Exhausted expected = exhaust(model);
    const Outcome found = searched(model);
    EXPECT_EQ(found.fails, expected.fails) << "seed " << seed << "\n" << description(model);
    if (expected.fails) {
        return false;
    }
    EXPECT_EQ(found.solutions, expected.solutions) << "seed " << seed << "\n" << description(model);
    EXPECT_EQ(count(model), expected.solutions.size()) << "seed " << seed;
    const std::optional<Solution> one = first(model);
    EXPECT_EQ(one.has_value(), !expected.solutions.empty()) << "seed " << seed;
    EXPECT_TRUE(!one || one->choices() == expected.solutions.front()) << "seed " << seed;
    return !expected.solutions.empty();
}

template <class ModelOf>
void expect_search_agrees(const ModelOf& model_of, std::uint32_t wanted) {
    const std::uint32_t models = tried_of(wanted);
    std::size_t with_solutions = 0;
    for (std::uint32_t seed = 0; seed < models && !testing::Test::HasFailure(); ++seed) {
        with_solutions += search_agrees(model_of(seed), seed) ? 1 : 0;
    }
    EXPECT_GT(with_solutions, models / 10) << "the random models are too hard to tell anything";
}

void expect_search_agrees(RandomKind kind, std::uint32_t models) {
    expect_search_agrees([&](std::uint32_t seed) { return RandomModel(seed, kind).model(); }, models);
}

TEST(RandomModels, OfPositiveIntegersHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_search_agrees({.zero_and_negative = false}, 3000);
}

TEST(RandomModels, OfTilingsHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_search_agrees(random_tiling, 2000);
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
