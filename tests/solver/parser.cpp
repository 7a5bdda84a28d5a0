#include "solver/parser.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

Model two_variables() {
    Model model;
    model.variable("threads", {32, 64});
    model.variable("items", {1, 2});
    return model;
}

std::string parsed(const std::string& text) {
    return to_string(parse_expression({.file = "space.json", .text = text}, two_variables()));
}

std::string complaint(const std::string& text) {
    try {
        return "no complaint, but " + parsed(text);
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(Parser, ReadsWhatPythonReads) {
    EXPECT_EQ(parsed("threads*items<=1024"), "threads * items <= 1024");
    EXPECT_EQ(parsed("32 <= threads * items < 1024"), "32 <= threads * items and threads * items < 1024");
    EXPECT_EQ(parsed("not(threads == 32 or items==1)"), "not (threads == 32 or items == 1)");
    EXPECT_EQ(parsed("1024 % (threads*items) == 0"), "1024 % (threads * items) == 0");
    EXPECT_EQ(parsed("1024 // threads // items"), "1024 // threads // items");
    EXPECT_EQ(parsed("-threads ** 2"), "-threads ** 2");
    EXPECT_EQ(parsed("threads if items > 1 else 2 * threads"), "threads if items > 1 else 2 * threads");
    EXPECT_EQ(parsed("threads in [32, 64]"), "threads == 32 or threads == 64");
    EXPECT_EQ(parsed("max(threads, items, 3)"), "max(max(threads, items), 3)");
    EXPECT_EQ(parsed("\n threads\t> .5e1"), "threads > 5.0");
}

TEST(Parser, PrintsAndReadsBackTheSameExpression) {
    for (const char* text :
         {"threads - (items - 1)", "(threads + items) * -items", "not (threads < items and items < 3) or items == 2",
          "(threads if items else 3) ** 2 ** items", "-(-threads // items) * items", "'row' == \"column\"",
          "min(threads, items) % 3 - abs(items)", "threads / 2.5 // 1e-07"}) {
        EXPECT_EQ(parsed(parsed(text)), parsed(text)) << text;
    }
}

TEST(Parser, ShowsThePlaceOfAnErrorWithACaret) {
    EXPECT_EQ(complaint("threads % == 0"),
              "reading space.json:1:11: expected a value, found \"==\"\n"
              "    threads % == 0\n"
              "              ^");
}

TEST(Parser, CountsLinesAndColumnsFromWhereTheTextStandsInItsFile) {
    SourceText source{.file = "space.json", .text = "threads +\n  ) items", .line = 7, .column = 12};
    try {
        parse_expression(source, two_variables());
        FAIL() << "the bracket was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()),
                  "reading space.json:8:3: expected a value, found \")\"\n      ) items\n      ^");
    }
}

struct Wrong {
    const char* text;
    const char* complaint;  // the first line, after the place
};

void PrintTo(const Wrong& shown, std::ostream* stream) {
    *stream << shown.text;
}

class WrongText : public testing::TestWithParam<Wrong> {};

TEST_P(WrongText, IsRefusedWithAReasonThatHelps) {
    EXPECT_NE(complaint(GetParam().text).find(GetParam().complaint), std::string::npos) << complaint(GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Parser, WrongText,
    testing::Values(Wrong{"", "space.json:1:1: expected a value, found the end"},
                    Wrong{"threads threads", "1:9: expected an operator or the end, found \"threads\""},
                    Wrong{"(threads", "1:9: expected \")\", found the end"},
                    Wrong{"threads)", "1:8: expected an operator or the end, found \")\""},
                    Wrong{"thread * 2", "1:1: there is no parameter \"thread\"; did you mean \"threads\"?"},
                    Wrong{"velocity * 2", "1:1: there is no parameter \"velocity\"\n"},
                    Wrong{"threads && items", "1:9: \"&&\" is not an operator here; write `and`"},
                    Wrong{"threads = 3", "1:9: \"=\" is not an operator here; write `==` to compare"},
                    Wrong{"threads ^ 2", "write `**` for powers"}, Wrong{"!threads", "write `not`"},
                    Wrong{"sqrt(threads)", "1:1: there is no function \"sqrt\"; there are min, max, abs and pow"},
                    Wrong{"min(threads)", "1:1: \"min\" takes 2 or more arguments, here are 1"},
                    Wrong{"abs(threads, 2)", "1:1: \"abs\" takes 1 arguments, here are 2"},
                    Wrong{"threads if items", "1:17: expected \"else\", found the end"},
                    Wrong{"threads not items", "1:13: expected \"in\", found \"items\""},
                    Wrong{"99999999999999999999", "1:1: this number does not fit into 64 bits"},
                    Wrong{"1e999", "1:1: this number does not fit into 64 bits"},
                    Wrong{"3x", "1:2: a number runs into a name"}, Wrong{"'row", "1:1: this text has no closing quote"},
                    Wrong{"threads @ 2", "1:9: this character has no meaning here"},
                    Wrong{"threads == not items", "1:12: expected a value, found \"not\""},
                    Wrong{"[1, 2]", "1:1: a list can only stand after `in`"},
                    Wrong{"threads in items", "1:12: expected a list after `in`, such as [1, 2]"},
                    Wrong{"threads in [1] < 2", "a list cannot be compared further"},
                    Wrong{"range(3) == 1", "there is no function \"range\""},
                    Wrong{"None", "expected a value, found \"None\""},
                    Wrong{"lambda: 1", "1:1: expected a value, found \"lambda\""}));

TEST(Parser, RefusesHostileNestingInsteadOfExhaustingTheStack) {
    constexpr std::size_t kMany = 50'000;
    EXPECT_NE(complaint(std::string(kMany, '(')).find("nested more than 200 deep"), std::string::npos);
    EXPECT_NE(complaint(std::string(kMany, '-')).find("nested more than 200 deep"), std::string::npos);
    std::string nots;
    std::string powers = "2";
    std::string sum = "1";
    std::string ors = "1";
    for (std::size_t i = 0; i < 20'000; ++i) {
        nots += "not ";
        powers += "**2";
        sum += "+1";
        ors += " or 1";
    }
    EXPECT_NE(complaint(nots).find("nested more than 200 deep"), std::string::npos);
    EXPECT_NE(complaint(powers).find("nested more than 200 deep"), std::string::npos);
    EXPECT_NE(complaint(sum).find("more than 1000 operations in a row"), std::string::npos);
    EXPECT_NE(complaint(ors).find("more than 1000 operations in a row"), std::string::npos);
}

TEST(Parser, TakesLongListsAfterIn) {
    std::string list = "threads in [0";
    for (int i = 1; i < 5000; ++i) {
        list += ", " + std::to_string(i);
    }
    EXPECT_EQ(parse_expression({.file = "space.json", .text = list + "]"}, two_variables()).depth(), 15U);
}

TEST(Parser, RefusesAChainThatDoublesAtEveryBracket) {
    std::string chain = "threads";
    for (int i = 0; i < 100; ++i) {
        chain = "(1 < " + chain + " < 3)";
    }
    EXPECT_NE(complaint(chain).find("has more than 1048576 parts"), std::string::npos)
        << complaint(chain).substr(0, 200);
}

TEST(Parser, ReadsOperatorsOfCWhereTheyAreAllowed) {
    SourceText source{.file = "t1.json", .text = "!items && threads > 1 || items != 2"};
    EXPECT_EQ(to_string(parse_expression(source, two_variables(), Language::python_and_c)),
              "not items and threads > 1 or items != 2");
}

TEST(Parser, CutsALongLineAroundThePlace) {
    std::string message = complaint("threads" + std::string(5000, ' ') + "?" + std::string(5000, ' '));
    EXPECT_LT(message.size(), 400U);
    EXPECT_NE(message.find('?'), std::string::npos);
}

}  // namespace
}  // namespace warpsmith
