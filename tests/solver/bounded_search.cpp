#include "solver/bounded_search.hpp"

#include <gtest/gtest.h>

#include "solver/search.hpp"
#include "solver/space_file.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

using Choices = std::vector<std::uint32_t>;

// Whether the search found a solution: then it must be the first, and nothing may fail before it.
bool finds_the_first(const Model& model, std::uint32_t seed) {
    const Exhausted expected = exhaust(model);
    const std::optional<Choices> found = bounded_first(model).choices;
    if (found) {
        EXPECT_FALSE(expected.solutions.empty() || expected.fails_first) << "seed " << seed << "\n"
                                                                         << description(model);
        EXPECT_TRUE(expected.solutions.empty() || *found == expected.solutions.front()) << "seed " << seed << "\n"
                                                                                        << description(model);
    }
    return found.has_value();
}

TEST(BoundedSearch, FindsTheFirstSolutionOfRandomTilings) {
    std::size_t found = 0;
    std::size_t solvable = 0;
    for (std::uint32_t seed = 0; seed < tried_of(3000); ++seed) {
        const Model model = random_tiling(seed);
        found += finds_the_first(model, seed) ? 1 : 0;
        solvable += exhaust(model).solutions.empty() ? 0 : 1;
    }
    EXPECT_GT(found, tried_of(900));
    EXPECT_GT(found, solvable * 8 / 10) << "it gives up too often";
}

TEST(BoundedSearch, AsksOfAVariableThatIsAConstraintByItselfThatItIsNotZero) {
    Model model;
    const Expr a = model.variable("a", {0, 3});
    const Expr b = model.variable("b", {0, 1, 2});
    model.require(a && b && b != 1, "both");
    EXPECT_EQ(bounded_first(model).choices, (Choices{1, 2}));
    Model never;
    never.require(never.variable("a", {0}), "a");
    EXPECT_FALSE(bounded_first(never).choices);
    EXPECT_FALSE(first(never));
    std::size_t found = 0;
    for (std::uint32_t seed = 0; seed < 1000; ++seed) {
        Model random = RandomModel(seed, {.texts = seed % 2 == 0}).model();
        for (const Variable& variable : random.variables()) {
            random.require(random.find(variable.name).value(), variable.name);
        }
        found += finds_the_first(random, seed) ? 1 : 0;
    }
    EXPECT_GT(found, 50U);
}

TEST(BoundedSearch, FindsTheFirstSolutionOfRandomModelsOrNone) {
    std::size_t found = 0;
    for (std::uint32_t seed = 0; seed < tried_of(2000); ++seed) {
        found += finds_the_first(RandomModel(seed, {}).model(), seed) ? 1 : 0;
        found += finds_the_first(RandomModel(seed, {.reals = true, .texts = true}).model(), seed) ? 1 : 0;
        found += finds_the_first(RandomModel(seed, {.large = true}).model(), seed) ? 1 : 0;
    }
    EXPECT_GT(found, tried_of(700));
}

TEST(BoundedSearch, TriesFewValuesWhereTryingAloneTakesThousands) {
    for (const char* name : {"h1024_n4_b8", "h768_n1_b16", "h768_n12_b16"}) {
        const std::string file =
            std::string(WARPSMITH_SOURCE_DIR "/tests/data/spaces/flashrnn_forward_lstm_") + name + ".json";
        const Model model = load_space(file).model;
        const Probe found = bounded_first(model);
        ASSERT_TRUE(found.choices) << name;
        EXPECT_EQ(*found.choices, solve(model).front().choices()) << name;
        EXPECT_LT(found.nodes, 50U) << name;
    }
}

TEST(BoundedSearch, ASettingThatMakesAProductTooLargeBoundsTheVariablesAfterIt) {
    Model model;
    const Expr a = model.variable("a", {1, 2, 3, 4, 5, 6, 7, 8});
    const Expr b = model.variable("b", {8, 9, 10});
    const Expr c = model.variable("c", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    model.require(a * c <= 16, "limit");
    model.require(a * b * c >= 128, "enough");
    model.require(c < 3, "few");
    const Probe found = bounded_first(model);
    EXPECT_EQ(found.choices, (Choices{6, 2, 1}));
    EXPECT_LE(found.nodes, 14U);
}

TEST(BoundedSearch, GivesUpWhereAConstraintHasNoValueOrIsNotOfIntegers) {
    Model zero;
    const Expr a = zero.variable("a", {0, 1});
    zero.require(6 % a == 0, "divides");
    EXPECT_FALSE(bounded_first(zero).choices);
    Model real;
    const Value values[] = {0.5, 1.5};
    const Expr b = real.variable("b", std::span(values));
    real.require(b > 1, "large");
    EXPECT_FALSE(bounded_first(real).choices);
}

TEST(BoundedSearch, GivesUpOnModelsThatAreTooLargeForIt) {
    Model many;
    for (int i = 0; i < 65; ++i) {
        many.require(many.variable("v" + std::to_string(i), {1, 2}) > 0, "positive");
    }
    EXPECT_FALSE(bounded_first(many).choices);
    Model large;
    Expr power = large.variable("a", {1, 2});
    for (int i = 0; i < 16; ++i) {
        power = power * power;
    }
    large.require(power >= 1, "positive");
    EXPECT_FALSE(bounded_first(large).choices);
}

TEST(BoundedSearch, AContradictionBetweenLimitsIsNoSolution) {
    Model model;
    const Expr a = model.variable("a", {1, 2, 3});
    const Expr b = model.variable("b", {1, 2, 3});
    model.require(a * b <= 2, "little");
    model.require(a * b >= 3, "much");
    EXPECT_FALSE(bounded_first(model).choices);
}

}  // namespace
}  // namespace warpsmith
