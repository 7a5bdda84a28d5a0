#include "solver/expr.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"
#include "solver/model.hpp"

namespace warpsmith {
namespace {

TEST(Expr, IsPrintedInPythonSyntaxWithTheFewestBrackets) {
    Model model;
    Expr a = model.variable("a", {1, 2});
    Expr b = model.variable("b", {1, 2});
    Expr c = model.variable("c", {1, 2});
    EXPECT_EQ(to_string(a + b * c), "a + b * c");
    EXPECT_EQ(to_string((a + b) * c), "(a + b) * c");
    EXPECT_EQ(to_string(a - (b - c)), "a - (b - c)");
    EXPECT_EQ(to_string(a - b - c), "a - b - c");
    EXPECT_EQ(to_string(a * (b / c)), "a * (b // c)");
    EXPECT_EQ(to_string(a % (b * c) == 0), "a % (b * c) == 0");
    EXPECT_EQ(to_string(-(a + b)), "-(a + b)");
    EXPECT_EQ(to_string(pow(-a, 2)), "(-a) ** 2");
    EXPECT_EQ(to_string(pow(pow(a, b), c)), "(a ** b) ** c");
    EXPECT_EQ(to_string(pow(a, pow(b, c))), "a ** b ** c");
    EXPECT_EQ(to_string(Expr(-3) * a), "-3 * a");
    EXPECT_EQ(to_string(pow(Expr(-3), a)), "(-3) ** a");
    EXPECT_EQ(to_string((a == b) == c), "(a == b) == c");
    EXPECT_EQ(to_string((a < b || b < c) && !(a < c)), "(a < b or b < c) and not a < c");
    EXPECT_EQ(to_string(a < b || (b < c && a < c)), "a < b or b < c and a < c");
    EXPECT_EQ(to_string(select(a < b, a, b) + 1), "(a if a < b else b) + 1");
    EXPECT_EQ(to_string(min(a + 1, max(b, abs(-c)))), "min(a + 1, max(b, abs(-c)))");
    EXPECT_EQ(to_string(ceil_div(a, b)), "-(-a // b)");
    EXPECT_EQ(to_string(a == Expr::constant(Value("it's"))), "a == 'it\\'s'");
    EXPECT_EQ(to_string(a * Expr::constant(2.0)), "a * 2.0");
}

TEST(Expr, ShowsADefinitionByItsName) {
    Model model;
    Expr rows = model.variable("rows", {8, 16});
    Expr smem_bytes = model.define("smem_bytes", rows * 128);
    EXPECT_EQ(to_string(smem_bytes <= 1024), "smem_bytes <= 1024");
}

TEST(Expr, RefusesAConstantBeyond64Bits) {
    EXPECT_THROW(Expr(std::uint64_t{1} << 63U), Error);
    EXPECT_NO_THROW(Expr((std::uint64_t{1} << 63U) - 1));
}

TEST(Expr, RefusesToGrowDeeperThanTheStackAllows) {
    Expr sum = 1;
    EXPECT_THROW(
        {
            for (int i = 0; i < 2000; ++i) {
                sum = sum + 1;
            }
        },
        Error);
    EXPECT_EQ(sum.depth(), Expr::kMaxDepth);
}

TEST(Expr, RefusesToGrowLargerThanCanBeEvaluated) {
    Expr doubled = 1;
    EXPECT_THROW(
        {
            for (int i = 0; i < 64; ++i) {
                doubled = doubled + doubled;
            }
        },
        Error);
}

}  // namespace
}  // namespace warpsmith
