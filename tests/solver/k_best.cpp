#include "solver/k_best.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <tuple>

#include "solver/error.hpp"
#include "solver/search.hpp"
#include "solver/space_file.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

using Choices = std::vector<std::uint32_t>;

std::vector<std::string> lines(const std::vector<Solution>& solutions) {
    std::vector<std::string> lines;
    for (const Solution& solution : solutions) {
        lines.push_back(to_string(solution));
    }
    return lines;
}

struct Ranked {
    std::vector<Choices> solutions;  // the cheapest first
    bool fails = false;              // the cost of some solution has no value, or is no number
};

Ranked exhaustively_ranked(const Model& model, const Expr& cost, std::vector<Choices> solutions) {
    std::vector<std::pair<Scalar, Choices>> costs;
    Ranked ranked;
    for (Choices& choices : solutions) {
        Scalar value =
            evaluate_with(cost, [&](std::size_t v) { return to_scalar(model.variables()[v].values[choices[v]]); });
        ranked.fails |= failed(value) || std::holds_alternative<std::string_view>(value);
        costs.emplace_back(value, std::move(choices));
    }
    if (!ranked.fails) {
        std::ranges::stable_sort(
            costs, [](const auto& left, const auto& right) { return std::is_lt(compare(left.first, right.first)); });
        for (auto& [value, choices] : costs) {
            ranked.solutions.push_back(std::move(choices));
        }
    }
    return ranked;
}

std::vector<Choices> found(const Model& model, const Expr& cost, std::size_t k) {
    std::vector<Choices> choices;
    for (const Solution& solution : k_best(SolutionSet(model), cost, k)) {
        choices.push_back(solution.choices());
    }
    return choices;
}

void expect_cheapest_agree(RandomKind kind, std::uint32_t wanted) {
    const std::uint32_t models = tried_of(wanted);
    std::size_t compared = 0;
    std::size_t failing = 0;
    for (std::uint32_t seed = 0; seed < models; ++seed) {
        RandomModel random(seed, kind, 6);
        const Model& model = random.model();
        const Exhausted all = exhaust(model);
        const Expr cost = random.expression();
        if (all.fails || all.solutions.empty()) {
            continue;
        }
        SCOPED_TRACE("seed " + std::to_string(seed) + ", cost " + to_string(cost) + "\n" + description(model));
        const Ranked ranked = exhaustively_ranked(model, cost, all.solutions);
        for (std::size_t k : {std::size_t{1}, std::size_t{5}, all.solutions.size() + 1}) {
            if (ranked.fails) {
                ASSERT_THROW(found(model, cost, k), Error);
                continue;
            }
            std::vector<Choices> expected = ranked.solutions;
            expected.resize(std::min(k, expected.size()));
            ASSERT_EQ(found(model, cost, k), expected);
        }
        failing += ranked.fails ? 1 : 0;
        compared += ranked.fails ? 0 : 1;
    }
    EXPECT_GT(compared, models / 10) << "the random models are too hard to tell anything";
    EXPECT_GT(failing, models / 200) << "no cost fails";
}

TEST(KBest, OfRandomModelsOfIntegersAreTheCheapestOfExhaustiveEnumeration) {
    expect_cheapest_agree({}, 4000);
}

TEST(KBest, OfRandomModelsOfRealsAreTheCheapestOfExhaustiveEnumeration) {
    expect_cheapest_agree({.reals = true}, 4000);
}

TEST(KBest, OfRandomModelsWithTextsAreTheCheapestOfExhaustiveEnumeration) {
    expect_cheapest_agree({.reals = true, .texts = true}, 4000);
}

TEST(KBest, OfRandomModelsOfLargeIntegersAreTheCheapestOfExhaustiveEnumeration) {
    expect_cheapest_agree({.large = true}, 2000);
}

// Costs of integers and of reals that no group decides alone, sums and others, with many solutions that cost the same.
TEST(KBest, OverSeveralGroupsAreTheCheapestOfAllThatAreListed) {
    Model model;
    std::vector<Expr> first;
    std::vector<Expr> second;
    for (const char* name : {"a", "b", "c"}) {
        first.push_back(model.variable(name, {1, 2, 3, 4, 6, 8, 12}));
    }
    for (std::size_t i = 0; i < 3; ++i) {
        second.push_back(model.variable(std::string(1, "xyz"[i]), {7, 1, 5, 2, 4}));
        model.require(first[i] % second[i] != 1, "leaves no 1");
    }
    auto [a, b, c] = std::tie(first[0], first[1], first[2]);
    auto [x, y, z] = std::tie(second[0], second[1], second[2]);
    auto quotient = [](const Expr& left, const Expr& right) { return Expr::apply(Op::real_divide, {left, right}); };
    const Expr costs[] = {a * x + b * y + c * z,
                          abs(a * x - 9) - abs(b * y - 9) + (c + z) % 4,
                          quotient(a, x + b) + quotient(c, z + y) + quotient(1, a),
                          quotient(a, 3) - quotient(b * y, 7) + quotient(z, 10) - x,
                          max(quotient(a * y, 7), quotient(b * z, 3)) + quotient(c, 1000),
                          (a * b * c + x * y * z) % 7,
                          select(a > x, b * y, 10 - c),
                          Expr(3)};
    const std::vector<Solution> all = solve(model);
    std::vector<Choices> solutions;
    for (const Solution& solution : all) {
        solutions.push_back(solution.choices());
    }
    ASSERT_GT(solutions.size(), 10'000U);
    for (const Expr& cost : costs) {
        SCOPED_TRACE(to_string(cost));
        std::vector<Choices> expected = exhaustively_ranked(model, cost, solutions).solutions;
        expected.resize(200);
        EXPECT_EQ(found(model, cost, 200), expected);
        expected.resize(1);
        EXPECT_EQ(found(model, cost, 1), expected);
    }
}

TEST(KBest, ThatCostTheSameComeInLexicographicOrder) {
    Model model;
    Expr a = model.variable("a", {1, 2, 3});
    model.variable("b", {1, 2});
    Expr c = model.variable("c", {3, 2, 1});
    Expr d = model.variable("d", {1, 2, 3});
    model.require(a <= d, "a is not above d");
    model.minimize(max(c, 2) - min(d, 2));
    EXPECT_EQ(lines(k_best(model, 5)),
              (std::vector<std::string>{"a=1 b=1 c=2 d=2", "a=1 b=1 c=2 d=3", "a=1 b=1 c=1 d=2", "a=1 b=1 c=1 d=3",
                                        "a=1 b=2 c=2 d=2"}));
}

TEST(KBest, OfNothingAreNoneAndOfAllAreAll) {
    Model model;
    Expr a = model.variable("a", {1, 2});
    model.minimize(-a);
    EXPECT_EQ(lines(k_best(model, 10)), (std::vector<std::string>{"a=2", "a=1"}));
    EXPECT_EQ(k_best(model, 0).size(), 0U);
    model.require(a > 2, "too large");
    EXPECT_EQ(k_best(model, 10).size(), 0U);
}

TEST(KBest, NeedACost) {
    Model model;
    model.variable("a", {1, 2});
    EXPECT_THROW(k_best(model, 1), Error);
}

TEST(KBest, NameTheSolutionWhoseCostHasNoValue) {
    Model model;
    Expr a = model.variable("a", {4, 5});
    Expr b = model.variable("b", {1, 0});
    model.minimize(select(b == 1, 0, a / b));
    try {
        k_best(model, 1);
        FAIL() << "a // b has no value for b = 0";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("for a=4 b=0: a division by zero"), std::string::npos) << error.what();
    }
}

// The sum of what each triple costs on its own is least where each is: three triples are searched by trying all.
TEST(KBest, OfALargeSpaceAreFoundWithoutListingIt) {
    Model model = load_space(WARPSMITH_SOURCE_DIR "/tests/data/large_spaces/dividing_triples.json").model;
    Model triple;
    Expr total = 0;
    auto cost_of = [](const Expr& outer, const Expr& middle, const Expr& inner) {
        return abs(outer * 7 - middle * inner * 3 - 40) + ceil_div(1000, middle + outer) + inner % 5;
    };
    for (const char* index : {"0", "1", "2", "3", "4"}) {
        auto named = [&](const std::string& part) { return model.find(part + "_" + index).value(); };
        total = total + cost_of(named("outer"), named("middle"), named("inner"));
    }
    std::vector<std::int64_t> values(32);
    std::iota(values.begin(), values.end(), 1);
    Expr outer = triple.variable("outer", values);
    Expr middle = triple.variable("middle", values);
    Expr inner = triple.variable("inner", values);
    triple.require(outer % middle == 0, "divides");
    triple.require(middle % inner == 0, "divides");
    std::vector<std::int64_t> costs;
    for (const Solution& solution : solve(triple)) {
        costs.push_back(evaluate(cost_of(outer, middle, inner), solution));
    }
    std::ranges::sort(costs);
    ASSERT_LT(costs[0], costs[1]);

    const std::vector<Solution> best = k_best(SolutionSet(model), total, 7);
    ASSERT_EQ(best.size(), 7U);
    EXPECT_EQ(evaluate(total, best[0]), 5 * costs[0]);
    for (std::size_t i = 1; i <= 5; ++i) {
        EXPECT_EQ(evaluate(total, best[i]), 4 * costs[0] + costs[1]) << "one of five triples is the second best";
    }
    EXPECT_GT(evaluate(total, best[6]), 4 * costs[0] + costs[1]);
}

}  // namespace
}  // namespace warpsmith
