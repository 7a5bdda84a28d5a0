#include <gtest/gtest.h>

#include "solver/parser.hpp"
#include "solver/search.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

// a, b, c and d in this order, with values that are not sorted; n is what tile sizes have to divide.
Model with_constraints_in_text(const std::vector<std::string>& texts) {
    Model model;
    model.variable("n", {96});
    model.variable("a", {4, 1, 2, 3, 8});
    model.variable("b", {1, 2, 16, 3});
    model.variable("c", {-2, 0, 3, 5});
    model.variable("d", {1, 2, 3, 6, 12});
    for (const std::string& text : texts) {
        model.require(parse_expression({.file = "test", .text = text}, model), text);
    }
    return model;
}

class ConstraintKind : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(ConstraintKind, LeavesWhatExhaustiveEnumerationLeaves) {
    Model model = with_constraints_in_text(GetParam());
    std::vector<std::vector<std::uint32_t>> found;
    for (const Solution& solution : solve(model)) {
        found.push_back(solution.choices());
    }
    Exhausted expected = exhaust(model);
    ASSERT_FALSE(expected.fails);
    EXPECT_FALSE(expected.solutions.empty()) << "the case tests nothing";
    EXPECT_EQ(found, expected.solutions);
}

using Texts = std::vector<std::string>;

INSTANTIATE_TEST_SUITE_P(Comparisons, ConstraintKind,
                         testing::Values(Texts{"a < b"}, Texts{"a <= b"}, Texts{"a > b"}, Texts{"a >= b"},
                                         Texts{"a == b"}, Texts{"a != b"}, Texts{"1 < a < b"}, Texts{"a + 1 == c"}));
INSTANTIATE_TEST_SUITE_P(Products, ConstraintKind,
                         testing::Values(Texts{"a * b <= 12"}, Texts{"12 <= a * b * d <= 48"},
                                         Texts{"a * c * d >= -20"}, Texts{"a * b == d"}, Texts{"a * b * d == 12"},
                                         Texts{"d * c * a < c"}, Texts{"(a + c) * (b - 2) > 3"},
                                         Texts{"a * a + b * b <= d * d"}));
INSTANTIATE_TEST_SUITE_P(Divisibility, ConstraintKind,
                         testing::Values(Texts{"n % (a * b) == 0"}, Texts{"n % (a * b * d) == 0"}, Texts{"d % a == 0"},
                                         Texts{"(a * b) % d == 0"}, Texts{"(a + b) % d == 0"},
                                         Texts{"n % (a + b) == 0"}, Texts{"a % d != 0"}, Texts{"n // (a * b) >= 3"},
                                         Texts{"n // a % b == 0"}, Texts{"(n / a) % b == 0"}, Texts{"c % d == 1"},
                                         Texts{"c // a == -1"}, Texts{"0 == n % (b * a)"}));
INSTANTIATE_TEST_SUITE_P(Logic, ConstraintKind,
                         testing::Values(Texts{"a == 1 or b * d <= 6"}, Texts{"not (a < b and b < d)"},
                                         Texts{"c != 0 and n % c == 0"}, Texts{"c == 0 or a // c < 0"},
                                         Texts{"(a if b > 2 else d) == 3"}, Texts{"n % (a if c > 0 else b) == 0"},
                                         Texts{"a in [2, 3] or d not in (1, 2)"}, Texts{"a - b"}, Texts{"c and d > 2"},
                                         Texts{"(a < b) + (b < d) + (c < 0) == 2"}, Texts{"(a or 5) * (c or 7) > 20"}));
INSTANTIATE_TEST_SUITE_P(Functions, ConstraintKind,
                         testing::Values(Texts{"min(a, b, d) == 2"}, Texts{"max(a, b) <= d"}, Texts{"abs(a - b) <= 1"},
                                         Texts{"abs(c) * a >= d"}, Texts{"2 ** a <= b * d"}, Texts{"a ** 2 + c >= d"},
                                         Texts{"-(-n // (a * b)) * d <= 48"}, Texts{"a ** b <= 64"},
                                         Texts{"a / b <= 0.5"}, Texts{"a * 0.75 > d - 1.5"}, Texts{"-a + b > -c"}));
INSTANTIATE_TEST_SUITE_P(Together, ConstraintKind,
                         testing::Values(Texts{"a * b <= 12", "n % (a * d) == 0", "c < a"},
                                         Texts{"a == d", "b != c", "a * b * c > 2"},
                                         Texts{"a <= 2", "b >= a", "d % b == 0 or c == 3"},
                                         Texts{"(a * b + d) * (a + d) <= 64", "(a * b + d) % 2 == 0"}));

}  // namespace
}  // namespace warpsmith
