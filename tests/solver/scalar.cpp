#include "solver/scalar.hpp"

#include <gtest/gtest.h>

#include "solver/evaluate.hpp"
#include "solver/parser.hpp"

namespace warpsmith {
namespace {

// The value of a text without variables, written as Python's repr writes it; of a failure, its reason.
std::string value_of(const std::string& text) {
    Expr expr = parse_expression({.file = "test", .text = text}, Model());  // texts in the value refer to it
    Scalar value = evaluate_with(expr, [](std::size_t) { return Scalar(Int128{0}); });
    if (const auto* failure = std::get_if<Failure>(&value)) {
        return failure->reason;
    }
    std::optional<Value> narrow = to_value(value);
    return narrow ? to_string(*narrow) : "beyond 64 bits";
}

struct Case {
    const char* text;
    const char* value;  // what CPython 3.11 prints
};

void PrintTo(const Case& shown, std::ostream* stream) {
    *stream << shown.text;
}

class Arithmetic : public testing::TestWithParam<Case> {};

TEST_P(Arithmetic, GivesWhatPythonGives) {
    EXPECT_EQ(value_of(GetParam().text), GetParam().value) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Integers, Arithmetic,
                         testing::Values(Case{"7 // 2", "3"}, Case{"7 // -2", "-4"}, Case{"-7 // 2", "-4"},
                                         Case{"-7 // -2", "3"}, Case{"7 % 2", "1"}, Case{"7 % -2", "-1"},
                                         Case{"-7 % 2", "1"}, Case{"-7 % -2", "-1"}, Case{"-2 ** 2", "-4"},
                                         Case{"2 ** 3 ** 2", "512"}, Case{"(-8) ** 3", "-512"}, Case{"0 ** 0", "1"},
                                         Case{"17 % 5 * 2", "4"}, Case{"7 - 2 - 1", "4"}, Case{"2 * 3 % 4", "2"},
                                         Case{"abs(-3)", "3"}, Case{"min(3, 1, 2)", "1"}, Case{"max(3, 1, 2)", "3"},
                                         Case{"pow(3, 4)", "81"}, Case{"- - 3", "3"},
                                         Case{"4611686018427387904 * 4 // 4", "4611686018427387904"}));

INSTANTIATE_TEST_SUITE_P(Reals, Arithmetic,
                         testing::Values(Case{"7 / 2", "3.5"}, Case{"8 / 2", "4.0"}, Case{"-7.5 // 2", "-4.0"},
                                         Case{"-7.5 % 2", "0.5"}, Case{"7.5 % -2", "-0.5"}, Case{"5.0 // 0.1", "49.0"},
                                         Case{"5.0 % 0.1", "0.09999999999999973"}, Case{"2 ** -1", "0.5"},
                                         Case{"2 ** 0.5", "1.4142135623730951"}, Case{"1e3", "1000.0"},
                                         Case{"(2 ** 100 + 1) / 3", "4.2255020007607644e+29"},
                                         Case{"(2 ** 120 + 7) / (2 ** 60 + 3)", "1.152921504606847e+18"},
                                         Case{"-(10 ** 30) / 7", "-1.4285714285714285e+29"}, Case{"1 + 0.5", "1.5"}));

INSTANTIATE_TEST_SUITE_P(Comparisons, Arithmetic,
                         testing::Values(Case{"1 < 2 < 3", "1"}, Case{"3 > 2 > 2", "0"}, Case{"2 == 2.0", "1"},
                                         Case{"1 != 1", "0"}, Case{"9007199254740993 == 9007199254740992.0", "0"},
                                         Case{"10 ** 20 < 1e20", "0"}, Case{"10 ** 20 + 1 > 1e20", "1"},
                                         Case{"5 in [1, 5]", "1"}, Case{"5 not in [1, 5]", "0"},
                                         Case{"5 in (1, 2)", "0"}, Case{"5 in []", "0"}, Case{"'a' < 'b'", "1"},
                                         Case{"'a' == 1", "0"}, Case{"True + True", "2"}, Case{"not 3", "0"}));

INSTANTIATE_TEST_SUITE_P(Choices, Arithmetic,
                         testing::Values(Case{"-3 or 2", "-3"}, Case{"0 or 2", "2"}, Case{"3 and 4", "4"},
                                         Case{"0 and 4", "0"}, Case{"1 if 0 else 2", "2"}, Case{"1 if 'x' else 2", "1"},
                                         Case{"'' or 'row'", "'row'"}, Case{"0 and 1 // 0", "0"},
                                         Case{"1 or 1 // 0", "1"}, Case{"1 if 1 else 1 // 0", "1"}));

INSTANTIATE_TEST_SUITE_P(
    Failures, Arithmetic,
    testing::Values(Case{"1 // 0", "a division by zero"}, Case{"1 / 0", "a division by zero"},
                    Case{"1 % 0", "a division by zero"}, Case{"1.5 % 0", "a division by zero"},
                    Case{"0 ** -1", "a division by zero"}, Case{"1 // 0 or 1", "a division by zero"},
                    Case{"10 ** 39", "an integer beyond 128 bits"}, Case{"10 ** 38 * 10", "an integer beyond 128 bits"},
                    Case{"10 ** 30", "beyond 64 bits"}, Case{"'a' + 1", "text where a number is needed"},
                    Case{"'a' < 1", "a comparison of text with a number"},
                    Case{"(-1) ** 0.5", "a power that is not a real number"}));

}  // namespace
}  // namespace warpsmith
