#include "solver/listed_model.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"
#include "solver/explain.hpp"
#include "solver/k_best.hpp"
#include "solver/search.hpp"
#include "solver/solution_set.hpp"
#include "solver/z3_engine.hpp"

namespace warpsmith {
namespace {

constexpr std::int64_t kBillion = 1'000'000'000;
constexpr std::int64_t kLong = std::int64_t{1} << 62U;

std::string listed(const Model& model, std::size_t variable = 0) {
    std::string text;
    ListedModel narrowed(model);
    for (const Value& value : narrowed->variables()[variable].values) {
        text += (text.empty() ? "" : " ") + to_string(value);
    }
    return text;
}

std::string all(const std::vector<Solution>& solutions) {
    std::string text;
    for (const Solution& solution : solutions) {
        text += (text.empty() ? "" : ", ") + to_string(solution);
    }
    return text;
}

std::string refusal(const Model& model) {
    try {
        solve(model);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

// x from 1 to 2^62 under one constraint.
std::string values_under(auto condition) {
    Model m;
    Expr x = m.range_variable("x", {1, kLong});
    m.require(condition(x), "it narrows x");
    return listed(m);
}

TEST(ListedModel, IsTheModelItselfWhenThereIsNoRange) {
    Model m;
    m.variable("x", {1, 2, 3});
    EXPECT_EQ(&*ListedModel(m), &m);
}

TEST(ListedModel, ConstraintsBoundARange) {
    EXPECT_EQ(values_under([](const Expr& x) { return x <= 3; }), "1 2 3");
    EXPECT_EQ(values_under([](const Expr& x) { return 2 * x + 1 < 8; }), "1 2 3");
    EXPECT_EQ(values_under([](const Expr& x) { return x * x * 3 <= 20; }), "1 2 3 4 5 6");  // x * x is seen as 1 * x
    EXPECT_EQ(values_under([](const Expr& x) { return x / 4 == 2; }), "8 9 10 11");
    EXPECT_EQ(values_under([](const Expr& x) { return 100 - x >= 98; }), "1 2");
    EXPECT_EQ(values_under([](const Expr& x) { return abs(x - 5) <= 1; }), "4 5 6");
    EXPECT_EQ(values_under([](const Expr& x) { return max(x, 2) <= 3 && min(x, 9) >= 2; }), "2 3");
    EXPECT_EQ(values_under([](const Expr& x) { return 3 * x == 21; }), "7");
    EXPECT_EQ(values_under([](const Expr& x) { return x < 1; }), "");
    EXPECT_EQ(values_under([](const Expr& x) { return x > kLong - 2; }), "4611686018427387903 4611686018427387904");
}

TEST(ListedModel, DivisibilityThinsARangeOut) {
    EXPECT_EQ(values_under([](const Expr& x) { return 12 % x == 0; }), "1 2 3 4 6 12");
    EXPECT_EQ(values_under([](const Expr& x) { return 12 % (x * 2) == 0; }), "1 2 3 4 6");
    EXPECT_EQ(values_under([](const Expr& x) { return x % 1000 == 7 && x < 3000; }), "7 1007 2007");
    EXPECT_EQ(values_under([](const Expr& x) { return x % 6 == 4 && x % 10 == 8 && x <= 100; }), "28 58 88");
    EXPECT_EQ(values_under([](const Expr& x) { return x % 6 == 4 && x % 10 == 7; }), "");
    EXPECT_EQ(values_under([](const Expr& x) { return Expr(999'999'999'989) % x == 0; }), "1 999999999989");
}

TEST(ListedModel, AnEqualityGivesTheValues) {
    Model m;
    Expr x = m.range_variable("x", {1, 1'000'000'000'000});
    Expr a = m.variable("a", {1'000'000, 2, 3});
    Expr b = m.variable("b", {999'999, 5});
    m.require(x == a * b + 7, "x is computed");
    EXPECT_EQ(listed(m), "17 22 2000005 3000004 5000007 999999000007");
    EXPECT_EQ(all(solve(m)),
              "x=17 a=2 b=5, x=22 a=3 b=5, x=2000005 a=2 b=999999, x=3000004 a=3 b=999999, x=5000007 a=1000000 b=5, "
              "x=999999000007 a=1000000 b=999999");
}

TEST(ListedModel, AnEqualityIsSolvedForAVariableInAnExpression) {
    Model m;
    Expr a = m.variable("a", {2, 100'000, 20, 200});
    Expr x = m.range_variable("x", {kBillion, -kBillion, -1});
    m.require(100 - (3 * x + a) == a * 1000, "x is hidden");
    EXPECT_EQ(listed(m, 1), "-634 -6640 -66700");  // of (100 - 1001 a) / 3, those that are whole
    EXPECT_EQ(solve(m).size(), 3U);
}

TEST(ListedModel, ValuesThatAreGivenOneByOneAreTaken) {
    EXPECT_EQ(values_under([](const Expr& x) { return x == 5 || x == kBillion || x == -4; }), "5 1000000000");
}

TEST(ListedModel, ComputedValuesLeadToFurtherOnes) {
    Model m;
    Expr y = m.range_variable("y", {1, kLong});
    Expr x = m.range_variable("x", {1, kLong});
    Expr a = m.variable("a", {1'000, 1'000'000});
    m.require(y == x * x, "y is the square of x");
    m.require(x == a + 1, "x is above a");
    EXPECT_EQ(all(solve(m)), "y=1002001 x=1001 a=1000, y=1000002000001 x=1000001 a=1000000");
}

TEST(ListedModel, KeepsTheOrderOfADescendingRange) {
    Model m;
    Expr x = m.range_variable("x", {kBillion, 1, -1});
    m.require(x % 250'000'000 == 0, "x is round");
    EXPECT_EQ(all(solve(m)), "x=1000000000, x=750000000, x=500000000, x=250000000");
}

TEST(ListedModel, RefusesWhatCannotBeListed) {
    Model m;
    Expr x = m.range_variable("x", {1, kBillion});
    m.require(x > 5, "x is large");
    EXPECT_EQ(refusal(m),
              "solving: x is left with 999999995 values from 6 to 1000000000, and 4194304 at most can be listed; bound "
              "it, let it divide a number, or give it as a value of other variables, as in `x == a * b`");
}

TEST(ListedModel, RefusesRangesThatAreTooLongTogether) {
    Model m;
    m.range_variable("x", {1, 3'000'000});
    m.range_variable("y", {1, 2'000'000});
    EXPECT_NE(refusal(m).find("x is left with 3000000 values"), std::string::npos);
}

TEST(ListedModel, AnEqualityThatFailsIsAnErrorThatNamesIt) {
    Model m;
    Expr x = m.range_variable("x", {1, kBillion});
    Expr a = m.variable("a", {1, kBillion});
    m.require(x == pow(a, 9), "x is a power of a");
    EXPECT_NE(refusal(m).find("there is no value for some of \"x is a power of a\": "), std::string::npos)
        << refusal(m);
    m.require(x <= 5, "x is small");
    EXPECT_NE(refusal(m).find("\"x is a power of a\""), std::string::npos) << refusal(m);
    m.require(a <= 5, "a is small");
    EXPECT_EQ(all(solve(m)), "x=1 a=1");
}

TEST(ListedModel, AValueOutsideTheRangeIsNoSolution) {
    Model m;
    Expr x = m.range_variable("x", {1, kBillion, 2});
    Expr a = m.variable("a", {2, 3, 1'000'000'001});
    m.require(x == a, "x is a");
    EXPECT_EQ(all(solve(m)), "x=3 a=3");
}

TEST(ListedModel, TheFirstSolutionNeedsNoListOfAFreeVariable) {
    Model m;
    m.range_variable("x", {5, kLong});
    Expr a = m.variable("a", {1, 2});
    m.require(a > 1, "a is not 1");
    EXPECT_EQ(to_string(first(m).value()), "x=5 a=2");
    EXPECT_THROW(count(m), Error);
}

TEST(ListedModel, OtherQuestionsTakeRangesToo) {
    Model m;
    Expr x = m.range_variable("x", {1, kBillion});
    Expr a = m.variable("a", {3, 1, 2});
    m.require(x == a * 100'000, "x is computed");
    m.minimize(x);
    EXPECT_EQ(all(solve_with_z3(m)), all(solve(m)));
    EXPECT_EQ(count(m), 3U);
    EXPECT_EQ(all(k_best(m, 2)), "x=100000 a=1, x=200000 a=2");
}

TEST(ListedModel, ExplanationsTakeRangesToo) {
    Model m;
    Expr x = m.range_variable("x", {1, kBillion});
    Expr y = m.range_variable("y", {1, kBillion});
    Expr a = m.variable("a", {1, 2});
    m.require(y > x, "y is above x");
    m.require(x == a * 100'000, "x is computed");
    m.require(x < 50'000, "x is small");
    EXPECT_EQ(to_string(explain(m)),
              "these cannot hold together:\n"
              "  - x is computed [x == a * 100000]\n"
              "      x is 49999, a * 100000 is 100000\n"
              "  - x is small [x < 50000]\n"
              "      x is 100000 at least, it must be below 50000\n");
}

TEST(ListedModel, ExplanationsOfAValueOutsideARangeNameTheRange) {
    Model m;
    Expr x = m.range_variable("x", {1, kBillion, 2});
    m.require(x < 10, "x is small");
    EXPECT_TRUE(explain(m, {{"x", 7}}).satisfiable);
    EXPECT_EQ(to_string(explain(m, {{"x", 4}})),
              "this cannot hold:\n"
              "  - x is 1 to 1000000000 in steps of 2\n"
              "      it is given as 4\n"
              "what would help:\n"
              "  - x can be 1, 3, 5, 7 or 9\n");
}

}  // namespace
}  // namespace warpsmith
