#include "solver/explain.hpp"

#include <gtest/gtest.h>

#include "solver/conflict.hpp"
#include "solver/error.hpp"
#include "solver/nearest.hpp"
#include "solver/search.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

// A tile of `rows` by `columns` floats, twice, in shared memory.
Model tiles() {
    Model model;
    Expr rows = model.variable("rows", {64, 128, 256});
    Expr columns = model.variable("columns", {64, 128});
    Expr threads = model.variable("threads", {128, 256, 512});
    Expr smem_bytes = model.define("smem_bytes", 2 * rows * columns * 4);
    model.require(smem_bytes <= 65536, "both tiles fit in shared memory");
    model.require(rows * columns % threads == 0, "the threads share the tile evenly");
    model.require(rows * columns / threads >= 64, "a thread has enough to do");
    return model;
}

TEST(Explain, SaysSoWhenThereAreSolutions) {
    EXPECT_EQ(to_string(explain(tiles())), "there are solutions, the first is rows=64 columns=128 threads=128\n");
}

TEST(Explain, GivesTheConstraintInItsOwnWordsWithTheValueThatIsLeastWrong) {
    EXPECT_EQ(to_string(explain(tiles(), {{"rows", 256}})),
              "this cannot hold:\n"
              "  - both tiles fit in shared memory [smem_bytes <= 65536]\n"
              "      smem_bytes is 131072 at least, the limit is 65536\n"
              "what would help:\n"
              "  - rows can be 64 or 128\n");
}

TEST(Explain, GivesAllConstraintsThatAreNeededForTheConflictAndNoOther) {
    EXPECT_EQ(to_string(explain(tiles(), {{"threads", 512}})),
              "these cannot hold together:\n"
              "  - both tiles fit in shared memory [smem_bytes <= 65536]\n"
              "      smem_bytes is 262144 at least, the limit is 65536\n"
              "  - a thread has enough to do [rows * columns // threads >= 64]\n"
              "      rows * columns // threads is 16 at most, needed are 64\n"
              "what would help:\n"
              "  - threads can be 128\n");
}

TEST(Explain, SaysWhatEachOfTheGivenValuesCouldBeInstead) {
    EXPECT_EQ(explain(tiles(), {{"rows", 64}, {"columns", 64}, {"threads", 128}}).advice,
              (std::vector<std::string>{"rows can be 128 with the other values as given",
                                        "columns can be 128 with the other values as given"}));
}

TEST(Explain, SaysWhichOfTheGivenValuesCanStayWhereOneChangeIsNotEnough) {
    EXPECT_EQ(explain(tiles(), {{"rows", 128}, {"columns", 128}, {"threads", 256}}).advice,
              std::vector<std::string>{
                  "with rows=128 alone there are solutions, the first is rows=128 columns=64 threads=128"});
}

TEST(Explain, NamesTheListThatAGivenValueIsNotIn) {
    EXPECT_EQ(to_string(explain(tiles(), {{"rows", 100}})),
              "this cannot hold:\n"
              "  - rows is 64, 128 or 256\n"
              "      it is given as 100\n"
              "what would help:\n"
              "  - rows can be 64 or 128\n");
}

TEST(Explain, TellsWhatDoesNotDivide) {
    Model model = tiles();
    model.require(1000 % *model.find("threads") == 0, "the threads share 1000 rows evenly");
    Explanation explanation = explain(model);
    ASSERT_EQ(explanation.conflicts.size(), 1U);
    EXPECT_EQ(explanation.conflicts[0].reason, "the threads share 1000 rows evenly");
    EXPECT_EQ(explanation.conflicts[0].detail, "threads is 128, which does not divide 1000");
    EXPECT_EQ(explanation.advice,
              std::vector<std::string>{"\"1024 % threads == 0\" instead of \"1000 % threads == 0\""});
}

TEST(Explain, WritesAConstraintFromTextOnce) {
    Model model;
    Expr threads = model.variable("threads", {32, 64});
    model.require(threads * 2 <= 32, "(threads*2) <= 32");
    EXPECT_NE(to_string(explain(model)).find("  - (threads*2) <= 32\n"), std::string::npos)
        << to_string(explain(model));
}

TEST(Explain, CopesWithConstraintsThatOnlyAGuardKeepsFromFailing) {
    Model model;
    Expr a = model.variable("a", {4, 6});
    Expr b = model.variable("b", {0, 5});
    model.require(b != 0, "b is not zero");
    model.require(a % b == 0, "b divides a");
    Explanation explanation = explain(model);
    ASSERT_EQ(explanation.conflicts.size(), 2U);
    EXPECT_EQ(explanation.conflicts[1].detail, "b is 5, which does not divide a = 6");
}

TEST(Explain, TellsOfAVariableWithoutValues) {
    Model model;
    model.variable("rows", std::vector<std::int64_t>{});
    EXPECT_EQ(to_string(explain(model)),
              "this cannot hold:\n  - rows has a value\n      its list of values is empty\n");
}

TEST(Explain, RefusesAnUnknownName) {
    try {
        explain(tiles(), {{"row", 64}});
        FAIL() << "there is no variable row";
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()),
                  "explaining: there is no variable \"row\"; did you mean \"rows\"?; there are rows, columns, threads");
    }
}

TEST(Conflict, OfARandomModelCannotHoldTogetherButWouldWithoutAnyOneConstraint) {
    std::size_t unsatisfiable = 0;
    for (std::uint32_t seed = 0; seed < tried_of(400); ++seed) {
        RandomModel random(seed, {.real_division = seed % 2 == 0}, 4);
        if (!exhaust(random.model()).solutions.empty() || exhaust(random.model()).fails) {
            continue;
        }
        ++unsatisfiable;
        std::vector<std::size_t> conflict = find_conflict(random.model()).constraints;
        EXPECT_TRUE(has_no_solution(with_constraints(random.model(), conflict))) << description(random.model());
        for (std::size_t position : conflict) {
            std::vector<std::size_t> others = conflict;
            std::erase(others, position);
            Exhausted left = exhaust(with_constraints(random.model(), others));
            EXPECT_TRUE(left.fails || !left.solutions.empty()) << description(random.model());
        }
    }
    EXPECT_GT(unsatisfiable, tried_of(50));
}

TEST(Nearest, FindsTheLeastCost) {
    Model model;
    Expr a = model.variable("a", {5, 3, 9, 12});
    Expr b = model.variable("b", {7, 2, 8});
    model.require(a % b != 2 && a > b, "something odd");
    Solution least_sum = least(model, a + b).value();
    EXPECT_EQ(to_string(least_sum), "a=3 b=2") << "3 + 2: 5 % 2 is 1 too, but 5 is more";
}

TEST(Nearest, MeasuresHowFarAConditionIsFromHolding) {
    Model model;
    Expr a = model.variable("a", {10});
    Expr b = model.variable("b", {0});
    Solution solution = first(model).value();
    auto violation = [&](const Expr& condition) { return evaluate(violation_of(condition, model), solution); };
    EXPECT_EQ(violation(a <= 7), 3);
    EXPECT_EQ(violation(a < 7), 4);
    EXPECT_EQ(violation(a >= 12), 2);
    EXPECT_EQ(violation(a > 12), 3);
    EXPECT_EQ(violation(a == 7), 3);
    EXPECT_EQ(violation(a <= 10), 0);
    EXPECT_EQ(violation(a <= 7 || a >= 11), 1);
    EXPECT_EQ(violation(b != 0 && a % b == 0), 1) << "and nothing is divided by zero";
    EXPECT_EQ(violation(!(a > 7)), 1);
}

}  // namespace
}  // namespace warpsmith
