#include "solver/search.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "solver/error.hpp"
#include "solver/solution_set.hpp"
#include "solver/space_file.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

std::vector<std::string> listed(const Model& model, std::size_t limit = SolveOptions{}.limit) {
    std::vector<std::string> lines;
    for (const Solution& solution : solve(model, {.limit = limit})) {
        lines.push_back(to_string(solution));
    }
    return lines;
}

std::string error_of(const Model& model) {
    try {
        return "no error, but " + std::to_string(solve(model).size()) + " solutions";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(Search, SolutionsComeInTheOrderOfDeclarationAndOfTheValueLists) {
    Model model;
    Expr threads = model.variable("threads", {128, 64});
    Expr items = model.variable("items", {1, 4, 2});
    model.require(threads * items <= 256, "a block holds at most 256 elements");
    EXPECT_EQ(listed(model),
              (std::vector<std::string>{"threads=128 items=1", "threads=128 items=2", "threads=64 items=1",
                                        "threads=64 items=4", "threads=64 items=2"}));
    EXPECT_EQ(count(model), 5U);
    EXPECT_EQ(to_string(first(model).value()), "threads=128 items=1");
}

TEST(Search, OrderDoesNotDependOnWhichVariablesAConstraintConnects) {
    Model model;
    Expr a = model.variable("a", {1, 2});
    Expr b = model.variable("b", {1, 2});
    Expr c = model.variable("c", {1, 2});
    Expr d = model.variable("d", {1, 2});
    model.require(a == d, "a is d");
    model.require(b != c, "b is not c");
    EXPECT_EQ(listed(model),
              (std::vector<std::string>{"a=1 b=1 c=2 d=1", "a=1 b=2 c=1 d=1", "a=2 b=1 c=2 d=2", "a=2 b=2 c=1 d=2"}));
    EXPECT_EQ(listed(model, 3), (std::vector<std::string>{"a=1 b=1 c=2 d=1", "a=1 b=2 c=1 d=1", "a=2 b=1 c=2 d=2"}));
    EXPECT_EQ(listed(model, 0), std::vector<std::string>{});
}

TEST(Search, AModelWithoutVariablesHasOneSolutionUnlessAConstraintIsFalse) {
    Model model;
    EXPECT_EQ(count(model), 1U);
    model.require(1 == Expr(1), "true");
    EXPECT_EQ(solve(model).size(), 1U);
    model.require(1 == Expr(2), "false");
    EXPECT_EQ(count(model), 0U);
    EXPECT_FALSE(first(model).has_value());
}

TEST(Search, AVariableWithoutValuesLeavesNoSolution) {
    Model model;
    model.variable("threads", {1, 2});
    model.variable("items", std::vector<std::int64_t>{});
    EXPECT_EQ(count(model), 0U);
}

TEST(Search, SolutionsGiveValuesOfVariablesDefinitionsAndExpressions) {
    Model model;
    Expr threads = model.variable("threads", {96});
    Expr items = model.variable("items", {4});
    Expr elements = model.define("elements", threads * items);
    Solution solution = first(model).value();
    EXPECT_EQ(solution["threads"], 96);
    EXPECT_EQ(solution["elements"], 384);
    EXPECT_EQ(evaluate(ceil_div(1000, elements), solution), 3);
    EXPECT_EQ(evaluate(round_up(1000, elements), solution), 1152);
    EXPECT_THROW(solution["rows"], Error);
    EXPECT_THROW(evaluate(threads / (items - 4), solution), Error);
    EXPECT_THROW(evaluate(pow(threads, 12), solution), Error) << "96 ** 12 needs 80 bits";
}

TEST(Search, RealsAndTextsAreValuesToo) {
    Model model;
    Expr layout = model.variable("layout", std::vector<Value>{"row", "column"});
    Expr factor = model.variable("factor", std::vector<Value>{0.5, 1.5});
    model.require(layout == Expr::constant(Value("row")) || factor > 1, "columns need a large factor");
    EXPECT_EQ(listed(model), (std::vector<std::string>{"layout='row' factor=0.5", "layout='row' factor=1.5",
                                                       "layout='column' factor=1.5"}));
    Solution last = solve(model).back();
    EXPECT_EQ(last.value("layout"), Value("column"));
    EXPECT_EQ(last.value("factor"), Value(1.5));
    EXPECT_THROW(last["layout"], Error);
}

TEST(Search, ADivisionByZeroThatNothingExcludesIsAnErrorThatNamesTheConstraint) {
    Model model;
    Expr a = model.variable("a", {4, 6});
    Expr b = model.variable("b", {2, 0});
    model.require(a % b == 0, "b divides a");
    EXPECT_EQ(
        error_of(model),
        "solving: the constraint \"b divides a\" (a % b == 0) has no value for a=4 b=0: a division by zero, a number "
        "beyond 128 bits or text in arithmetic; guard it, as in `b != 0 and a % b == 0`");
}

TEST(Search, ADivisionByZeroIsNoErrorWhereAGuardPrecedesIt) {
    Model model;
    Expr a = model.variable("a", {4, 6});
    Expr b = model.variable("b", {0, 4});
    model.require(b != 0 && a % b == 0, "b divides a");
    EXPECT_EQ(listed(model), std::vector<std::string>{"a=4 b=4"});
}

TEST(Search, ADivisionByZeroIsNoErrorWhereAnotherConstraintExcludesIt) {
    Model model;
    Expr a = model.variable("a", {4, 6});
    Expr b = model.variable("b", {0, 4});
    Expr c = model.variable("c", {0, 1});
    model.require(a % b == 0, "b divides a");
    model.require(b * (c + 1) > 0, "b is positive");
    EXPECT_EQ(listed(model), (std::vector<std::string>{"a=4 b=4 c=0", "a=4 b=4 c=1"}));
}

TEST(Search, IntermediateResultsBeyond64BitsAreExact) {
    Model model;
    constexpr std::int64_t kLarge = std::int64_t{1} << 40U;
    Expr a = model.variable("a", {kLarge, kLarge + 1});
    Expr b = model.variable("b", {kLarge, kLarge + 1});
    model.require(a * b == Expr(kLarge) * kLarge + kLarge, "only one factor is larger");
    EXPECT_EQ(count(model), 2U);
}

TEST(Search, AnIntegerBeyond128BitsIsAnErrorAndNeverAWrongAnswer) {
    Model model;
    constexpr std::int64_t kLarge = std::int64_t{1} << 62U;
    Expr a = model.variable("a", {1, kLarge});
    Expr b = model.variable("b", {1, kLarge});
    model.require(a * b * a * b >= 0, "the product of four is positive");
    EXPECT_NE(error_of(model).find("the product of four is positive"), std::string::npos) << error_of(model);
    model.require(a * b <= kLarge, "one of them is small");
    EXPECT_EQ(count(model), 3U);
}

TEST(Search, CountsSpacesTooLargeToList) {
    Model model;
    for (int i = 0; i < 15; ++i) {
        model.variable("v" + std::to_string(i), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    }
    EXPECT_EQ(count(model), 1'000'000'000'000'000U);
    EXPECT_EQ(listed(model, 2).back(),
              "v0=0 v1=0 v2=0 v3=0 v4=0 v5=0 v6=0 v7=0 v8=0 v9=0 v10=0 v11=0 v12=0 v13=0 v14=1");
}

TEST(Search, RefusesToCountWhatDoesNotFitInto64Bits) {
    Model model;
    for (int i = 0; i < 20; ++i) {
        model.variable("v" + std::to_string(i), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    }
    EXPECT_THROW(count(model), Error);
    EXPECT_EQ(SolutionSet(model).count(), Count{10'000'000'000} * 10'000'000'000);
}

TEST(Search, TellsHowManyValuesItTried) {
    Model model;
    Expr a = model.variable("a", {1, 2, 3});
    Expr b = model.variable("b", {1, 2});
    model.require(a == b, "equal");
    SearchStats stats;
    solve(model, {.stats = &stats});
    EXPECT_EQ(stats.nodes, 3U + 2U * 2U) << "all of a, then b for 1 and 2, which can equal a value of b";
}

TEST(Search, TheFirstSolutionIsFoundByBacktrackingOrByTheWholeSearch) {
    for (std::int64_t product : {1 * 2, 97 * 89}) {  // in the first few steps, and after thousands of them
        Model model;
        std::vector<std::int64_t> values(100);
        std::iota(values.begin(), values.end(), 1);
        Expr a = model.variable("a", values);
        Expr b = model.variable("b", values);
        Expr c = model.variable("c", values);
        model.require(a * b * c == 2 * product, "their product");
        model.require(c > 1, "c is no unit");
        EXPECT_EQ(first(model), std::optional(solve(model).front())) << product;
    }
}

TEST(Search, TheFirstSolutionIsNotTakenWhenAConstraintCannotBeEvaluatedBeforeIt) {
    Model model;
    Expr a = model.variable("a", {0, 1});
    model.require(4 / a >= 1, "a divides four");
    EXPECT_THROW(first(model), Error);
}

// Writes each solution as the places of its values.
void append_codes(const SolutionTable& table, std::size_t variables, std::vector<std::uint32_t>& codes) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
        for (std::size_t variable = 0; variable < variables; ++variable) {
            codes.push_back(table.code(row, variable));
        }
    }
}

std::vector<std::uint32_t> codes_in_blocks(const SolutionSet& set, std::size_t limit, std::size_t rows) {
    std::vector<std::uint32_t> codes;
    set.for_each_block(
        limit,
        [&](const SolutionTable& block) {
            EXPECT_LE(block.rows(), rows);
            append_codes(block, set.scope()->variables.size(), codes);
            return true;
        },
        rows);
    return codes;
}

TEST(SolutionSet, BlocksOfEverySpaceFileAreTheListCutIntoPieces) {
    for (const auto& file : std::filesystem::directory_iterator(WARPSMITH_SOURCE_DIR "/tests/data/spaces")) {
        for (const ModelFromText& space : load_spaces(file.path().string())) {
            const SolutionSet set(space.model);
            std::vector<std::uint32_t> listed;
            append_codes(set.list(kAll), space.model.variables().size(), listed);
            EXPECT_TRUE(codes_in_blocks(set, kAll, 997) == listed) << file.path() << ' ' << space.name;
        }
    }
}

TEST(SolutionSet, BlocksOfAnySizeAndLimitAreTheBeginningOfTheList) {
    Model model;  // two groups, declared in turns, and a variable on its own
    Expr a = model.variable("a", {1, 2, 3, 4});
    Expr b = model.variable("b", {1, 2, 3});
    Expr c = model.variable("c", {1, 2, 3, 4, 6});
    Expr d = model.variable("d", {3, 2, 1});
    model.variable("e", {7, 8});
    model.require(c % a == 0, "a divides c");
    model.require(b != d, "b and d differ");
    const SolutionSet set(model);
    for (std::size_t limit : {std::size_t{1}, std::size_t{13}, std::size_t{100}, kAll}) {
        std::vector<std::uint32_t> listed;
        append_codes(set.list(limit), 5, listed);
        for (std::size_t rows : {1, 2, 3, 7, 12, 50, 1000}) {
            EXPECT_EQ(codes_in_blocks(set, limit, rows), listed) << limit << ' ' << rows;
        }
    }
}

TEST(SolutionSet, NoBlockIsHandedOutAfterOneWasRefusedNorWhereThereIsNoSolution) {
    Model model;
    Expr a = model.variable("a", {1, 2, 3, 4, 5});
    std::size_t blocks = 0;
    const auto refuse_the_second = [&](const SolutionTable& block) {
        EXPECT_EQ(block.rows(), 2U);
        return ++blocks < 2;
    };
    SolutionSet(model).for_each_block(kAll, refuse_the_second, 2);
    EXPECT_EQ(blocks, 2U);
    model.require(a > 5, "none");
    SolutionSet(model).for_each_block(kAll, refuse_the_second, 2);
    EXPECT_EQ(blocks, 2U);
}

TEST(SolutionTable, HoldsCodesOfListsOfAnyLength) {
    Model model;
    for (std::int64_t length : {1, 2, 256, 257, 65'536, 65'537}) {
        std::vector<std::int64_t> values;
        for (std::int64_t value = 0; value < length; ++value) {
            values.push_back(value * 10);
        }
        Expr variable = model.variable("of_" + std::to_string(length), values);
        model.require(variable >= (length - 1) * 10, "the last value");
    }
    SolutionTable table = SolutionSet(model).list(1);
    ASSERT_EQ(table.rows(), 1U);
    EXPECT_EQ(table.bytes(), 0U + 1 + 1 + 2 + 2 + 4);
    EXPECT_EQ(to_string(table[0]), "of_1=0 of_2=10 of_256=2550 of_257=2560 of_65536=655350 of_65537=655360");
}

}  // namespace
}  // namespace warpsmith
