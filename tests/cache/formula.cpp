#include "cache/formula.hpp"

#include <gtest/gtest.h>

#include <random>

#include "solver/evaluate.hpp"

namespace warpsmith {
namespace {

const OpenSizes kOpen = {{"T", 0}, {"B", 1}};

Formula formula_of(const Expr& expr, const std::vector<std::int64_t>& variables = {}) {
    return FormulaPlan({expr}, kOpen).formulas(variables).front();
}

TEST(Formula, WhatDependsOnNoSizeIsANumber) {
    const Expr variable = Expr::variable("rows", 0);
    const Formula formula = formula_of(select(variable % 4 == 2, variable / 4 * 100, Expr(1) / 0), {6});
    EXPECT_TRUE(formula.constant());
    EXPECT_EQ(formula.value({}), 100);
}

TEST(Formula, DefinitionsOfOtherNamesAreSeenThrough) {
    const Expr twice = Expr::named("twice", 2 * Expr::named("T", Expr(1)));
    EXPECT_EQ(formula_of(twice).value(std::vector<std::int64_t>{21, 1}), 42);
}

TEST(Formula, WhatHasNoValueWithin64BitsHasNone) {
    const Expr T = Expr::named("T", Expr(1));
    const std::vector<std::int64_t> sizes = {std::numeric_limits<std::int64_t>::max(), 0};
    const Expr B = Expr::named("B", Expr(1));
    for (const Expr& none : {T * 2, T + 1, -T - 2, T / B, T % B, pow(T, B), T + Expr(1) / 0, 1 / B > 0 || T == T}) {
        EXPECT_EQ(formula_of(none).value(sizes), std::nullopt) << to_string(none);
    }
    EXPECT_EQ(formula_of(B != 0 && T % B == 0).value(sizes), 0);
}

TEST(Formula, WhatDependsOnNoSizeIsComputedBeyond64BitsAndInRealNumbers) {
    const Expr x = Expr::variable("x", 0);
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(formula_of(x * 4 / 8, {most}).value({}), most / 2);
    EXPECT_EQ(formula_of(pow(x, 2), {9}).value({}), 81);
    EXPECT_EQ(formula_of(Expr::apply(Op::real_divide, {x, 4}) > Expr::constant(2.4), {10}).value({}), 1);
    EXPECT_FALSE(formula_of(x * 4, {most}).constant());
    EXPECT_EQ(formula_of(x * 4, {most}).value({}), std::nullopt);
}

TEST(Formula, ExpressionsThatShareAPartHaveEachTheirValueForEveryConfiguration) {
    const Expr x = Expr::variable("x", 0);
    const Expr shared = x * Expr::named("T", Expr(1)) + 3;
    const FormulaPlan plan({shared, shared * shared, x + 1}, kOpen);
    for (const std::int64_t value : {2, 5}) {
        const std::vector<Formula> formulas = plan.formulas(std::vector<std::int64_t>{value});
        const std::vector<std::int64_t> sizes = {10, 1};
        EXPECT_EQ(formulas[0].value(sizes), 10 * value + 3);
        EXPECT_EQ(formulas[1].value(sizes), (10 * value + 3) * (10 * value + 3));
        EXPECT_TRUE(formulas[2].constant());
        EXPECT_EQ(formulas[2].value(sizes), value + 1);
    }
}

// An expression over variable 0 and the sizes T and B, of every operator that a formula has.
Expr random_expr(std::mt19937_64& random, int depth) {
    const auto part = [&] { return random_expr(random, depth - 1); };
    if (depth == 0) {
        switch (random() % 4) {
            case 0:
                return Expr::variable("x", 0);
            case 1:
                return Expr::named("T", Expr(7));
            case 2:
                return Expr::named("B", Expr(-3));
            default:
                return Expr(static_cast<std::int64_t>(random() % 9) - 4);
        }
    }
    switch (random() % 17) {
        case 0:
            return part() + part();
        case 1:
            return part() - part();
        case 2:
            return part() * part();
        case 3:
            return part() / part();
        case 4:
            return part() % part();
        case 5:
            return min(part(), part());
        case 6:
            return max(part(), part());
        case 7:
            return part() < part();
        case 8:
            return part() <= part();
        case 9:
            return part() == part();
        case 10:
            return part() != part();
        case 11:
            return part() && part();
        case 12:
            return part() || part();
        case 13:
            return select(part(), part(), part());
        case 14:
            return !part();
        case 15:
            return abs(part());
        default:
            return -part();
    }
}

TEST(Formula, AgreesWithTheSolversEvaluator) {
    std::mt19937_64 random(1);
    const std::vector<std::int64_t> sizes = {7, -3};  // as the definitions have them
    int with_value = 0;
    for (int i = 0; i < 3000; ++i) {
        const Expr expr = random_expr(random, 1 + i % 4);
        const std::int64_t x = static_cast<std::int64_t>(random() % 11) - 5;
        const Scalar scalar = evaluate_with(expr, [&](std::size_t) -> Scalar { return Int128{x}; });
        const std::optional<std::int64_t> expected =
            failed(scalar) ? std::nullopt : std::optional(static_cast<std::int64_t>(std::get<Int128>(scalar)));
        EXPECT_EQ(formula_of(expr, {x}).value(sizes), expected) << to_string(expr);
        with_value += expected ? 1 : 0;
    }
    EXPECT_GT(with_value, 1000);
}

}  // namespace
}  // namespace warpsmith
