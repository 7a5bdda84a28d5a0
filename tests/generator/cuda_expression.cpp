#include "generator/cuda_expression.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

// threads = 128 is chosen; B = 1000 is passed at launch, D = 64 is compiled in.
class CudaExpressionTest : public testing::Test {
  protected:
    std::string text(const Expr& expr) const { return cuda_expression(expr, chosen); }

    Model model;
    Expr threads = model.variable("threads", {64, 128});
    Expr B = model.define("B", 1000);
    Expr D = model.define("D", 64);
    Expr rows = model.define("rows", threads / D);
    Config config{.fields = {{"threads", 128}}};
    ChosenConfig chosen{.model = model, .config = config, .runtime_dimensions = {"B"}};
};

TEST_F(CudaExpressionTest, WhatDoesNotDependOnARuntimeDimensionIsANumber) {
    EXPECT_EQ(text(threads * 4 + D), "576");
    EXPECT_EQ(text(rows), "2");
    EXPECT_EQ(text(max(rows, 7) % 4), "3");
}

TEST_F(CudaExpressionTest, ARuntimeDimensionKeepsItsName) {
    EXPECT_EQ(text(B), "B");
    EXPECT_EQ(text((B + rows) * D), "((B + 2) * 64)");
    EXPECT_EQ(runtime_dimensions_of((B + rows) * D, chosen), std::set<std::string>{"B"});
}

TEST_F(CudaExpressionTest, ADefinitionThatDependsOnARuntimeDimensionIsExpanded) {
    EXPECT_EQ(text(model.define("tiles", B / rows) + 1), "(floor_divide(B, 2) + 1)");
}

TEST_F(CudaExpressionTest, DivisionRoundsAsInTheModel) {
    EXPECT_EQ(text(ceil_div(B, threads)), "ceil_divide(B, 128)");
    EXPECT_EQ(text(round_up(B, 16)), "(ceil_divide(B, 16) * 16)");
    EXPECT_EQ(text(B % threads), "floor_modulo(B, 128)");
}

TEST_F(CudaExpressionTest, ChoicesAreWrittenAsConditions) {
    EXPECT_EQ(text(select(B > 512, min(B, threads), 0 - B)), "((B > 512) ? smaller(B, 128) : (0 - B))");
    EXPECT_EQ(text(B && D), "(B ? 64 : B)");
}

TEST_F(CudaExpressionTest, WhatCudaCannotSayIsAnError) {
    EXPECT_THROW(text(pow(B, 2)), Error);
    EXPECT_THROW(text(D / (rows - 2)), Error);
}

}  // namespace
}  // namespace warpsmith
