#include "solver/model.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "solver/domains.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

TEST(Model, CountsAValueThatIsListedTwiceOnce) {
    Model model;
    model.variable("threads", {32, 64, 32});
    model.variable("factor", std::vector<Value>{1, 1.0, 2.5});
    EXPECT_EQ(model.variables()[0].values, (std::vector<Value>{32, 64}));
    EXPECT_EQ(model.variables()[1].values, (std::vector<Value>{1, 2.5}));
}

TEST(Model, RefusesANameThatIsTaken) {
    Model model;
    Expr threads = model.variable("threads", {32, 64});
    EXPECT_THROW(model.variable("threads", {1}), Error);
    EXPECT_THROW(model.define("threads", threads * 2), Error);
    EXPECT_NO_THROW(model.define("twice", threads * 2));
    EXPECT_THROW(model.variable("twice", {1}), Error);
}

TEST(Model, RefusesVariablesOfAnotherModel) {
    Model one;
    one.variable("threads", {32, 64});
    Model other;
    Expr items = other.variable("items", {1, 2});
    EXPECT_THROW(one.require(items > 1, "more than one item"), Error);
    EXPECT_THROW(one.minimize(items), Error);
    EXPECT_THROW(one.define("twice", items * 2), Error);
}

TEST(Model, RefusesValuesThatAreNotFinite) {
    Model model;
    EXPECT_THROW(model.variable("factor", std::vector<Value>{std::numeric_limits<double>::infinity()}), Error);
    EXPECT_THROW(model.variable("factor", std::vector<Value>{std::numeric_limits<double>::quiet_NaN()}), Error);
}

TEST(Model, FindsVariablesAndDefinitionsByName) {
    Model model;
    Expr threads = model.variable("threads", {32, 64});
    model.define("warps", threads / 32);
    EXPECT_EQ(to_string(model.find("warps").value()), "warps");
    EXPECT_FALSE(model.find("warp").has_value());
    EXPECT_EQ(model.names(), (std::vector<std::string>{"threads", "warps"}));
}

TEST(Domains, LoseTheValuesThatConstraintsOnOneVariableExclude) {
    Model model;
    Expr a = model.variable("a", {1, 2, 3, 4, 5, 6});
    Expr b = model.variable("b", {0, 6});
    Expr c = model.variable("c", {1, 2, 3});
    model.require(a % 2 == 0, "a is even");
    model.require(b > a, "b is larger");
    model.require(b > 0, "b is positive");
    model.require(6 % (b - 6) == 0, "fails for 6");
    model.require(a < c * 2, "of two variables");
    Domains domains = reduce_domains(model);
    EXPECT_EQ(domains.of[0].codes, (std::vector<std::uint32_t>{1, 3})) << "2 and 4: b is 6";
    EXPECT_EQ(domains.of[1].codes, std::vector<std::uint32_t>{1});
    EXPECT_EQ(domains.open, (std::vector<std::size_t>{3, 4}));
    EXPECT_FALSE(domains.empty);
}

}  // namespace
}  // namespace warpsmith
