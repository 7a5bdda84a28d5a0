#include "solver/value_list.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

std::string values(const std::string& text) {
    std::string listed;
    for (const Value& value : parse_value_list({.file = "t1.json", .text = text})) {
        listed += (listed.empty() ? "" : " ") + to_string(value);
    }
    return listed;
}

std::string complaint(const std::string& text) {
    try {
        return "no complaint, but " + values(text);
    } catch (const Error& error) {
        return error.what();
    }
}

struct Case {
    const char* text;
    const char* expected;
};
void PrintTo(const Case& shown, std::ostream* stream) {
    *stream << shown.text;
}

class PythonList : public testing::TestWithParam<Case> {};

TEST_P(PythonList, HasTheValuesThatPythonGivesIt) {
    EXPECT_EQ(values(GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    ValueList, PythonList,
    testing::Values(Case{"[]", ""}, Case{"[1, 2, 4,]", "1 2 4"}, Case{"(8, 16)", "8 16"},
                    Case{"[1, 2] + [4] * 2", "1 2 4 4"}, Case{"[True, False]", "1 0"},
                    Case{"['row', \"column\", 0.5]", "'row' 'column' 0.5"},
                    Case{"[1, 2] + list(range(32, 97, 32))", "1 2 32 64 96"}, Case{"range(3)", "0 1 2"},
                    Case{"range(5, 0, -2)", "5 3 1"}, Case{"range(2, 2)", ""}, Case{"tuple(range(1, 3))", "1 2"},
                    Case{"[2**i for i in range(0, 4)]", "1 2 4 8"}, Case{"list(i for i in range(2))", "0 1"},
                    Case{"[i for i in range(10) if i % 2 == 0 if i > 3]", "4 6 8"},
                    Case{"[i * j for i in [1, 3] for j in range(i)]", "0 0 3 6"},
                    Case{"[a // b for a, b in [(7, 2), (-7, 2)]]", "3 -4"}, Case{"[(x) for (x) in (1, 2)]", "1 2"},
                    Case{"[1 if i in (1, 2) else 0 for i in range(4)]", "0 1 1 0"},
                    Case{"[x for x in range(9) if 2 < x <= 4 or not x]", "0 3 4"},
                    Case{"[2**i//3 for i in range(3)] + [7 / 2, -2**2]", "0 0 1 3.5 -4"},
                    Case{"[min(4, 3), max([1, 9]), abs(-2), pow(2, 3), int(2.9), float(1), len([0, 0]), sum([1, 2])]",
                         "3 9 2 8 2 1.0 2 3"},
                    Case{"sorted([3, 1.5, 2])", "1.5 2 3"}, Case{"[x for y in [[1, 2], [3]] for x in y]", "1 2 3"}));

class WrongList : public testing::TestWithParam<Case> {};

TEST_P(WrongList, IsRefusedWithThePlaceAndAReason) {
    EXPECT_NE(complaint(GetParam().text).find(GetParam().expected), std::string::npos) << complaint(GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    ValueList, WrongList,
    testing::Values(
        Case{"5", "t1.json:1:1: expected a list of values"}, Case{"[1, [2]]", "a value is a list"},
        Case{"[x]", "1:2: there is no name \"x\" here"}, Case{"[i for i in 3]", "1:13: expected a list"},
        Case{"[1 2]", "1:4: expected \",\" or \"]\", found \"2\""}, Case{"numpy(3)", "there is no function \"numpy\""},
        Case{"range(1, 2, 0)", "the step of a range cannot be 0"}, Case{"[1 // 0]", "1:4: a division by zero"},
        Case{"range(0.5)", "expected an integer"}, Case{"range()", "\"range\" takes 1 to 3 arguments, here are 0"},
        Case{"['a' * 2.5]", "text where a number is needed"}, Case{"[a for a, b in [1]]", "expected lists of 2 values"},
        Case{"[1] * [2]", "lists can only be added"}, Case{"[2**63]", "a value does not fit into 64 bits"},
        Case{"[1e308 * 10]", "a number that is not finite"}, Case{"[None]", "expected a value, found \"None\""},
        Case{"sorted([1, 'a'])", "only numbers, or only texts"}, Case{"min([])", "\"min\" of an empty list"}));

// Each of these would exhaust memory or time if it were carried out.
INSTANTIATE_TEST_SUITE_P(HostileValueList, WrongList,
                         testing::Values(Case{"[0] * 10**9", "takes more than 262144 steps"},
                                         Case{"range(10**12)", "takes more than 262144 steps"},
                                         Case{"list(range(-2**62, 2**62))", "takes more than 262144 steps"},
                                         Case{"2**2**2**2**2**2**2", "an integer beyond 128 bits"},
                                         Case{"[[0] * 1000 for i in range(1000)]", "takes more than 262144 steps"},
                                         Case{"[1 for a in range(999) for b in range(999) for c in range(999) if 0]",
                                              "takes more than 262144"},
                                         Case{"[x + x for x in [[0] * 200000]]", "takes more than 262144 steps"}));

TEST(ValueList, RefusesNestingAndLoopsThatWouldExhaustTheStack) {
    std::string loops;
    for (int i = 0; i < 5000; ++i) {
        loops += " for a in [1]";
    }
    EXPECT_NE(complaint("[1" + loops + "]").find("more than 20 `for` in one list"), std::string::npos);
    EXPECT_NE(complaint(std::string(50'000, '[')).find("nested more than 200 deep"), std::string::npos);
    std::string comprehensions(50'000, '[');
    EXPECT_NE(complaint(comprehensions + "1 for x in [1]]").find("nested more than 200 deep"), std::string::npos);
    std::string symbols = "[";
    for (int i = 0; i < 60'000; ++i) {
        symbols += "1,";
    }
    EXPECT_NE(complaint(symbols + "]").find("more than 100000 words and symbols"), std::string::npos);
}

}  // namespace
}  // namespace warpsmith
