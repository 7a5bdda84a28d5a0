#include "solver/advice.hpp"

#include <gtest/gtest.h>

namespace warpsmith {
namespace {

using Advice = std::vector<std::string>;

// Two factors from 4 and 8: their product is 16, 32 or 64.
Model factors() {
    Model model;
    model.variable("a", {4, 8});
    model.variable("b", {4, 8});
    return model;
}

Expr product(const Model& model) {
    return *model.find("a") * *model.find("b");
}

// The advice for a model that has this constraint alone.
Advice advice_for(const Expr& condition, const Model& model) {
    Model with_condition = model;
    with_condition.require(condition, "the condition");
    const std::size_t positions[] = {0};
    return changed_constraints(with_condition, positions);
}

TEST(ChangedConstraints, HaveTheNearestConstantForWhichSomethingIsLeft) {
    const Model model = factors();
    const Expr ab = product(model);
    EXPECT_EQ(advice_for(ab <= 10, model), Advice{"\"a * b <= 16\" instead of \"a * b <= 10\""});
    EXPECT_EQ(advice_for(ab < 10, model), Advice{"\"a * b < 17\" instead of \"a * b < 10\""});
    EXPECT_EQ(advice_for(ab >= 100, model), Advice{"\"a * b >= 64\" instead of \"a * b >= 100\""});
    EXPECT_EQ(advice_for(ab > 100, model), Advice{"\"a * b > 63\" instead of \"a * b > 100\""});
    EXPECT_EQ(advice_for(ab == 30, model), Advice{"\"a * b == 32\" instead of \"a * b == 30\""});
}

TEST(ChangedConstraints, HaveTheConstantOnTheSideWhereItWas) {
    const Model model = factors();
    const Expr ab = product(model);
    EXPECT_EQ(advice_for(Expr(10) >= ab, model), Advice{"\"16 >= a * b\" instead of \"10 >= a * b\""});
    EXPECT_EQ(advice_for(Expr(100) < ab, model), Advice{"\"63 < a * b\" instead of \"100 < a * b\""});
}

TEST(ChangedConstraints, HaveTheNearestMultipleForANumberThatIsNotDivided) {
    const Model model = factors();
    EXPECT_EQ(advice_for(Expr(1003) % product(model) == 0 && *model.find("a") == *model.find("b"), model),
              Advice{"\"1008 % (a * b) == 0 and a == b\" instead of \"1003 % (a * b) == 0 and a == b\""});
    EXPECT_EQ(advice_for(Expr(99) % product(model) == 0, model),
              Advice{"\"96 % (a * b) == 0\" instead of \"99 % (a * b) == 0\""});
}

TEST(ChangedConstraints, WithoutAConstantToChangeAreNamedAsWhatIsInTheWay) {
    const Model model = factors();
    EXPECT_EQ(advice_for(*model.find("a") == product(model), model),
              Advice{"without \"the condition\" there are solutions"});
}

TEST(ChangedConstraints, AreNoneWhereOneChangeIsNotEnough) {
    Model model = factors();
    model.require(product(model) <= 10, "small");
    model.require(*model.find("a") <= 2, "narrow");
    const std::size_t positions[] = {0, 1};
    EXPECT_EQ(changed_constraints(model, positions), Advice{});
}

TEST(ChangedConstraints, RespectTheOtherConstraints) {
    Model model = factors();
    model.require(product(model) <= 10, "small");
    model.require(*model.find("a") >= 8, "wide");
    const std::size_t positions[] = {0, 1};
    EXPECT_EQ(changed_constraints(model, positions), Advice{"\"a * b <= 32\" instead of \"a * b <= 10\""});
}

TEST(BetterValues, AreAllThatWouldDo) {
    EXPECT_EQ(better_values(factors(), {{"a", 5}}), Advice{"a can be 4 or 8"});
}

TEST(BetterValues, AreTheNearestTwoWhereThereAreMany) {
    Model model;
    Expr n = model.variable("n", {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13});
    model.require(n != 11, "not 11");
    EXPECT_EQ(better_values(model, {{"n", 11}}), Advice{"n can be 9 or 12 (the nearest of 11 values)"});
    EXPECT_EQ(better_values(model, {{"n", 20}}), Advice{"n can be 13 (the nearest of 11 values)"});
}

TEST(BetterValues, GiveUpAsFewValuesAsPossibleWhereNoOneIsEnough) {
    Model model = factors();
    Expr c = model.variable("c", {4, 8});
    model.require(product(model) == 16 && c == 4, "all small");
    EXPECT_EQ(better_values(model, {{"a", 8}, {"b", 8}, {"c", 4}}),
              Advice{"with c=4 alone there are solutions, the first is a=4 b=4 c=4"});
    EXPECT_EQ(better_values(model, {{"a", 8}, {"b", 8}, {"c", 8}}),
              Advice{"without these values there are solutions, the first is a=4 b=4 c=4"});
}

TEST(BetterValues, AreNoneWhereNoValuesWouldDo) {
    Model model = factors();
    model.require(product(model) == 17, "a prime");
    EXPECT_EQ(better_values(model, {{"a", 4}}), Advice{});
}

}  // namespace
}  // namespace warpsmith
