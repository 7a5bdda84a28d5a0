#include "solver/relax.hpp"

#include <gtest/gtest.h>

#include "solver/parser.hpp"
#include "solver/plan.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

// Written as text, with the variables a, b, c by level; all take 2 to 8, except s, which takes -5 to 5.
class Relaxed {
  public:
    Relaxed() {
        for (const char* name : {"a", "b", "c"}) {
            add(name, {2, 4, 8});
        }
        add("s", {-5, 0, 5});
    }

    Relaxed& given(const std::string& text) {
        limits_.require(terms_, term(text));
        return *this;
    }

    std::string upto(Level level, const std::string& text) {
        return written(Relaxation(terms_, level, limits_).may_hold(term(text)));
    }

  private:
    void add(const char* name, const std::vector<std::int64_t>& values) {
        model_.variable(name, values);
        std::vector<Scalar> scalars;
        std::ranges::transform(values, std::back_inserter(scalars), [](std::int64_t value) { return Int128{value}; });
        ids_.push_back(terms_.variable(static_cast<Level>(ids_.size()), scalars));
    }

    TermId term(const std::string& text) {
        return translate(terms_, parse_expression({.file = "test", .text = text}, model_), ids_);
    }

    std::string written(TermId id) const { return to_string(expression(id)); }

    Expr expression(TermId id) const {
        const Term& term = terms_[id];
        if (term.op == Op::constant) {
            return Expr::constant(to_value(term.constant).value());
        }
        if (term.op == Op::variable) {
            return Expr::variable(model_.variables()[static_cast<std::size_t>(term.level)].name, 0);
        }
        std::vector<Expr> operands;
        for (TermId operand : term.operand_ids()) {
            operands.push_back(expression(operand));
        }
        return operands.size() == 1 ? Expr::apply(term.op, {operands[0]})
                                    : Expr::apply(term.op, {operands[0], operands[1]});
    }

    Model model_;
    Terms terms_;
    std::vector<TermId> ids_;
    Limits limits_;
};

TEST(MayHold, BoundsUnknownVariablesByTheirRange) {
    EXPECT_EQ(Relaxed().upto(0, "a * b <= 10"), "2 * a <= 10");
    EXPECT_EQ(Relaxed().upto(0, "a * b >= 20"), "8 * a >= 20");
    EXPECT_EQ(Relaxed().upto(0, "a - b >= 3"), "-2 + a >= 3");
    EXPECT_EQ(Relaxed().upto(1, "a * b + c <= 40"), "2 + a * b <= 40");
    EXPECT_EQ(Relaxed().upto(0, "64 // (a * b) >= 8"), "64 // (2 * a) >= 8");
    EXPECT_EQ(Relaxed().upto(0, "a * s >= 20"), "5 * a >= 20");
}

TEST(MayHold, KnowsThatEachFactorOfADivisorDivides) {
    EXPECT_EQ(Relaxed().upto(0, "24 % (a * b * c) == 0"), "4 * a <= 24 and 24 % a == 0");
    EXPECT_EQ(Relaxed().upto(1, "48 % (c * a * b) == 0"), "2 * a * b <= 48 and 48 % (a * b) == 0");
}

TEST(MayHold, KnowsThatFactorsOfAProductDivideIt) {
    EXPECT_EQ(Relaxed().upto(0, "a * b == 12"), "2 * a <= 12 and 12 % a == 0");
}

TEST(MayHold, SaysNothingWhereNothingIsKnown) {
    EXPECT_EQ(Relaxed().upto(0, "(a + b) % 3 == 1"), "1");
    EXPECT_EQ(Relaxed().upto(0, "a * b <= 64"), "1");
    EXPECT_EQ(Relaxed().upto(0, "(not s) >= a // 4"), "1 >= a // 4") << "a negative s is true, as a positive one is";
}

TEST(MayHold, TakesWhatAnotherConditionSaysOfAPart) {
    EXPECT_EQ(Relaxed().given("32 * (b // c) <= 70").upto(0, "a * (b // c) >= 9"), "2 * a >= 9");
    EXPECT_EQ(Relaxed().given("b * c >= 40").upto(0, "a + b * c <= 45"), "40 + a <= 45");
    EXPECT_EQ(Relaxed().given("s % c > 2").upto(0, "a + s % c <= 10"), "3 + a <= 10");
    EXPECT_EQ(Relaxed().given("b * c == a").upto(0, "a * (b * c) <= 17"), "4 * a <= 17");
}

TEST(MayHold, TakesWhatALimitedProductLeavesOfItsFactors) {
    EXPECT_EQ(Relaxed().given("a * c <= 16").upto(0, "c >= 5"), "16 // a >= 5");
    EXPECT_EQ(Relaxed().given("3 * a * b * c <= 50").upto(1, "c >= 4"), "16 // (a * b) >= 4");
    EXPECT_EQ(Relaxed().given("3 * a * b * c <= 50").upto(0, "c >= 4"), "16 // (2 * a) >= 4");
    EXPECT_EQ(Relaxed().given("16 % (a * c) == 0").upto(0, "c >= 5"), "16 // a >= 5");
    EXPECT_EQ(Relaxed().given("a * s <= 16").upto(0, "s >= 4"), "1") << "s may be negative";
}

Scalar value_of(const Terms& terms, TermId id, const Model& model, const std::vector<std::uint32_t>& choices) {
    const Term& term = terms[id];
    auto operand = [&](std::size_t i) { return value_of(terms, term.operands.at(i), model, choices); };
    switch (term.op) {
        case Op::constant:
            return term.constant;
        case Op::variable: {
            auto v = static_cast<std::size_t>(term.level);
            return to_scalar(model.variables()[v].values[choices[v]]);
        }
        case Op::select:
            return operand(truth(operand(0)) ? 1 : 2);
        case Op::logical_and:
        case Op::logical_or:
            return operand(truth(operand(0)) == (term.op == Op::logical_or) ? 0 : 1);
        default:
            return term.arity == 1 ? compute(term.op, operand(0)) : compute(term.op, operand(0), operand(1));
    }
}

// A relaxed condition that is false where the original is true would lose solutions.
TEST(MayHold, HoldsWhereverTheConditionHoldsInRandomModels) {
    for (std::uint32_t seed = 0; seed < 1000; ++seed) {
        const Model model =
            seed % 3 == 0 ? random_tiling(seed) : RandomModel(seed, {.reals = seed % 2 == 0}, 4).model();
        Plan plan = make_plan(model);
        std::vector<std::vector<std::uint32_t>> solutions = exhaust(model).solutions;
        Limits limits;
        for (const Constraint& constraint : model.constraints()) {
            const TermId condition = translate(plan.terms, constraint.condition, plan.variables);
            if (!plan.terms[condition].may_fail) {
                limits.require(plan.terms, condition);
            }
        }
        std::vector<Relaxation> relaxations;  // as in a plan, all constraints use the same ones
        for (std::size_t v = 0; v < model.variables().size(); ++v) {
            relaxations.emplace_back(plan.terms, static_cast<Level>(v), limits);
        }
        for (const Constraint& constraint : model.constraints()) {
            TermId condition = translate(plan.terms, constraint.condition, plan.variables);
            bool may_fail = plan.terms[condition].may_fail;
            for (Level level = 0; !may_fail && level < plan.terms[condition].level; ++level) {
                TermId relaxed = relaxations[static_cast<std::size_t>(level)].may_hold(condition);
                EXPECT_LE(plan.terms[relaxed].level, level);
                EXPECT_FALSE(plan.terms[relaxed].may_fail);
                for (const std::vector<std::uint32_t>& choices : solutions) {
                    ASSERT_TRUE(truth(value_of(plan.terms, relaxed, model, choices)))
                        << to_string(constraint.condition);
                }
            }
        }
    }
}

}  // namespace
}  // namespace warpsmith
