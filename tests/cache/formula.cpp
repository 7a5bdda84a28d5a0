#include "cache/formula_plan.hpp"

#include <gtest/gtest.h>

#include <random>

#include "solver/evaluate.hpp"
#include "tests/cache/allocations.hpp"

namespace warpsmith {
namespace {

using Number = std::optional<std::int64_t>;

const OpenSizes kOpen = {{"T", 0}, {"B", 1}};

const Expr kT = Expr::named("T", Expr(1)), kB = Expr::named("B", Expr(1));

// Of an expression over variable 0 and the sizes T and B.
struct Known {
    bool open = false;
    Number value;
};

Known known(const Expr& expr, std::int64_t variable, const std::vector<std::int64_t>& sizes = {}) {
    const FormulaPlan plan({expr}, 1, kOpen);
    const std::vector<std::int64_t> variables = {variable};
    ConfiguredPlan configured(plan, variables);
    if (!configured.open(0)) {
        return {.open = false, .value = configured.value(0)};
    }
    Formulas formulas(kOpen.size());
    configured.add_to(formulas, 0);
    Known found{.open = true, .value = std::nullopt};
    formulas.each(sizes, [&](std::size_t, std::int64_t value) {
        found.value = value;
        return true;
    });
    return found;
}

TEST(Formula, WhatDependsOnNoSizeIsKnownWithoutSizes) {
    const Expr variable = Expr::variable("rows", 0);
    const Known it = known(select(variable % 4 == 2, variable / 4 * 100, Expr(1) / 0), 6);
    EXPECT_FALSE(it.open);
    EXPECT_EQ(it.value, 100);
}

TEST(Formula, OfAChoiceThatTheConfigurationMakesOnlyTheSideTakenIsLeft) {
    const Expr x = Expr::variable("x", 0);
    const Expr nothing = Expr(1) / 0 == 0;
    for (const Expr& decided : {x == 2 || kT < 5, x == 2 || (kT < 5 && kB < 5), x != 2 || x == 2 || kT < 5,
                                (x == 2 && x < 3) || kT < 5, select(x == 2, x - 1, kT)}) {
        const Known it = known(decided, 2);
        EXPECT_FALSE(it.open) << to_string(decided);
        EXPECT_EQ(it.value, 1) << to_string(decided);
    }
    const Expr later = select(x == 2, x, kT) * 10 + select(x == 2 || kT < 5, kB, Expr(1));
    EXPECT_EQ(known(later, 2, {7, 4}).value, 24);
    EXPECT_EQ(known(later, 3, {7, 4}).value, 71);
    EXPECT_EQ(known(later, 3, {3, 4}).value, 34);
    for (const Expr& without : {nothing || kT < 5, nothing && kT < 5, select(nothing, kT, kB)}) {
        EXPECT_FALSE(known(without, 2).open) << to_string(without);
        EXPECT_EQ(known(without, 2).value, std::nullopt) << to_string(without);
    }
    EXPECT_EQ(known(x == 2 || kT < 5, 3, {4, 1}).value, 1);
    EXPECT_EQ(known(x == 2 || kT < 5, 3, {5, 1}).value, 0);
}

TEST(Formula, DefinitionsOfOtherNamesAreSeenThrough) {
    EXPECT_EQ(known(Expr::named("twice", 2 * kT), 0, {21, 1}).value, 42);
}

TEST(Formula, WhatHasNoValueWithin64BitsHasNone) {
    const std::vector<std::int64_t> sizes = {std::numeric_limits<std::int64_t>::max(), 0};
    for (const Expr& none :
         {kT * 2, kT + 1, -kT - 2, kT / kB, kT % kB, pow(kT, kB), kT + Expr(1) / 0, 1 / kB > 0 || kT == kT}) {
        EXPECT_EQ(known(none, 0, sizes).value, std::nullopt) << to_string(none);
    }
    EXPECT_EQ(known(kB != 0 && kT % kB == 0, 0, sizes).value, 0);
}

TEST(Formula, WhatDependsOnNoSizeIsComputedBeyond64BitsAndInRealNumbers) {
    const Expr x = Expr::variable("x", 0);
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(known(x * 4 / 8, most).value, most / 2);
    EXPECT_EQ(known(pow(x, 2), 9).value, 81);
    EXPECT_EQ(known(Expr::apply(Op::real_divide, {x, 4}) > Expr::constant(2.4), 10).value, 1);
    EXPECT_FALSE(known(x * 4, most).open);
    EXPECT_EQ(known(x * 4, most).value, std::nullopt);
    EXPECT_EQ(known(kT + x * 4 / 8, most, {1, 1}).value, most / 2 + 1);
    EXPECT_EQ(known(x * 4 / 8 > 0 || kT < 5, most).value, 1);
}

TEST(Formula, ExpressionsThatShareAPartHaveEachTheirValueForEveryConfiguration) {
    const Expr x = Expr::variable("x", 0);
    const Expr shared = x * kT + 3;
    const FormulaPlan plan({shared, shared * shared, x + 1}, 1, kOpen);
    const std::vector<std::int64_t> sizes = {10, 1};
    for (const std::int64_t value : {2, 5}) {
        const std::vector<std::int64_t> variables = {value};
        ConfiguredPlan configured(plan, variables);
        Formulas formulas(kOpen.size());
        configured.add_to(formulas, 0);
        configured.add_to(formulas, 1);
        std::vector<std::int64_t> values;
        EXPECT_TRUE(formulas.each(sizes, [&](std::size_t i, std::int64_t its) {
            EXPECT_EQ(i, values.size());
            values.push_back(its);
            return true;
        }));
        EXPECT_EQ(values, (std::vector<std::int64_t>{10 * value + 3, (10 * value + 3) * (10 * value + 3)}));
        EXPECT_FALSE(configured.open(2));
        EXPECT_EQ(configured.value(2), value + 1);
    }
}

TEST(Formula, PartsThatTheConfigurationMakesAlikeAreComputedOnce) {
    const Expr rows = Expr::variable("rows", 0), columns = Expr::variable("columns", 1);
    const FormulaPlan plan({(kB + rows) / 8, (kB + columns) / 8 + 1}, 2, kOpen);
    const auto slots = [&](const std::vector<std::int64_t>& variables) {
        ConfiguredPlan configured(plan, variables);
        Formulas formulas(kOpen.size());
        configured.add_to(formulas, 0);
        configured.add_to(formulas, 1);
        std::vector<std::int64_t> values;
        EXPECT_TRUE(formulas.each(std::vector<std::int64_t>{0, 30}, [&](std::size_t, std::int64_t value) {
            values.push_back(value);
            return true;
        }));
        EXPECT_EQ(values, (std::vector<std::int64_t>{(30 + variables[0]) / 8, (30 + variables[1]) / 8 + 1}));
        return formulas.slots();
    };
    EXPECT_EQ(slots({4, 4}), 2U + 3 + 3);  // sizes; 4, 8 and 1; a sum, a quotient and one more
    EXPECT_EQ(slots({4, 12}), 2U + 4 + 5);
}

TEST(Formula, ExpressionsAreTakenUntilOneIsRefusedOrHasNoValue) {
    Formulas formulas(1);
    const Formulas::Slot ten = formulas.add_number(10),
                         quotient = formulas.add_operation(Op::floor_divide, {ten, 0, 0});
    for (const Formulas::Slot slot : {ten, quotient, Formulas::Slot{0}}) {
        formulas.add_expression(slot);
    }
    std::vector<std::int64_t> taken;
    const auto all = [&](std::int64_t size, std::int64_t refused) {
        taken.clear();
        return formulas.each(std::vector<std::int64_t>{size}, [&](std::size_t, std::int64_t value) {
            taken.push_back(value);
            return value != refused;
        });
    };
    EXPECT_TRUE(all(3, -1));
    EXPECT_EQ(taken, (std::vector<std::int64_t>{10, 3, 3}));
    EXPECT_FALSE(all(2, 5));
    EXPECT_EQ(taken, (std::vector<std::int64_t>{10, 5}));
    EXPECT_FALSE(all(0, -1));
    EXPECT_EQ(taken, (std::vector<std::int64_t>{10}));
}

TEST(Formula, EvaluatingAllocatesNothingAlsoWhereThereIsNoValue) {
    Formulas formulas(1);
    formulas.add_expression(formulas.add_operation(Op::modulo, {formulas.add_number(10), 0, 0}));
    const std::vector<std::int64_t> four = {4}, zero = {0};
    std::int64_t taken = 0;
    const auto take = [&](std::size_t, std::int64_t value) {
        taken = value;
        return true;
    };
    const std::size_t before = allocations();
    EXPECT_TRUE(formulas.each(four, take));
    EXPECT_FALSE(formulas.each(zero, take));
    EXPECT_EQ(allocations(), before);
    EXPECT_EQ(taken, 2);
}

TEST(Formula, LongerOnesThanAreEvaluatedHaveNoValue) {
    for (const bool fits : {true, false}) {
        Formulas formulas(1);
        Formulas::Slot sum = 0;
        while (formulas.slots() < Formulas::kMostEvaluated + (fits ? 0 : 1)) {
            sum = formulas.add_operation(Op::add, {sum, 0, 0});
        }
        formulas.add_expression(sum);
        EXPECT_EQ(formulas.each(std::vector<std::int64_t>{1}, [](std::size_t, std::int64_t) { return true; }), fits);
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
        EXPECT_EQ(known(expr, x, sizes).value, expected) << to_string(expr);
        with_value += expected ? 1 : 0;
    }
    EXPECT_GT(with_value, 1000);
}

}  // namespace
}  // namespace warpsmith
