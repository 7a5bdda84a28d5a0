#include "solver/json_text.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

std::string complaint(const std::string& text) {
    try {
        parse_json({.file = "a.json", .text = text});
        return "no complaint";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(JsonText, KeepsTypesOrderAndPlaces) {
    SourceText source{.file = "a.json", .text = "{\"b\": [1, -2.5e1, true, null],\n \"a\": \"x\"}"};
    Json json = parse_json(source);
    const auto& members = *json.as<Json::Object>();
    ASSERT_EQ(members.size(), 2U);
    EXPECT_EQ(members[0].name, "b");
    EXPECT_EQ(members[1].offset, 32U);
    const auto& list = *members[0].value.as<Json::List>();
    EXPECT_EQ(*list[0].as<std::int64_t>(), 1);
    EXPECT_EQ(*list[1].as<double>(), -25.0);
    EXPECT_EQ(*list[2].as<bool>(), true);
    EXPECT_EQ(type_name(list[3]), "null");
    EXPECT_EQ(*json.find("a")->as<std::string>(), "x");
    EXPECT_EQ(json.find("c"), nullptr);
}

TEST(JsonText, ReadsEscapesAsUtf8) {
    Json json = parse_json({.file = "a.json", .text = R"("\"\\\/\b\f\n\r\t \u0041\u00e9\u20ac\ud83d\ude00")"});
    EXPECT_EQ(*json.as<std::string>(), "\"\\/\b\f\n\r\t Aé€😀");
}

struct Wrong {
    const char* text;
    const char* expected;
};
void PrintTo(const Wrong& shown, std::ostream* stream) {
    *stream << shown.text;
}

class WrongJson : public testing::TestWithParam<Wrong> {};

TEST_P(WrongJson, IsRefusedWithThePlaceAndWhatWasExpected) {
    EXPECT_NE(complaint(GetParam().text).find(GetParam().expected), std::string::npos) << complaint(GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    JsonText, WrongJson,
    testing::Values(
        Wrong{"", "a.json:1:1: not JSON: expected a value, found the end of the file"},
        Wrong{"[1 2]", "1:4: not JSON: expected \",\" or \"]\""}, Wrong{"{1: 2}", "1:2: not JSON: expected a name"},
        Wrong{"{\"a\" 2}", "1:6: not JSON: expected \":\""}, Wrong{"[1] 2", "1:5: not JSON: expected the end"},
        Wrong{"[01]", "a number starts with 0"}, Wrong{"[1.]", "expected a digit"}, Wrong{"[-]", "expected a value"},
        Wrong{"[1e]", "expected a digit"}, Wrong{"[nul]", "expected a value"}, Wrong{"[1,]", "expected a value"},
        Wrong{"\"abc", "1:1: not JSON: this text has no closing quote"},
        Wrong{"\"a\nb\"", "a control character in a text"}, Wrong{R"("\x")", "no such escape"},
        Wrong{R"("\u12g4")", "no such escape"}, Wrong{R"("\u12")", "no such escape"},
        Wrong{R"("\ud800")", "half of a surrogate pair"}, Wrong{R"("\ud800\u0041")", "half of a surrogate pair"},
        Wrong{R"("\udc00")", "half of a surrogate pair"}, Wrong{"\"\xff\"", "a text is not UTF-8"},
        Wrong{"\"\xc0\x80\"", "a text is not UTF-8"}, Wrong{"\"\xed\xa0\x80\"", "a text is not UTF-8"},
        Wrong{"\"\xe2\x82\"", "a text is not UTF-8"},
        Wrong{"[18446744073709551615]", "expected a number within 64 bits"},
        Wrong{"[1e999]", "expected a number within 64 bits"},
        Wrong{"{\"a\": 1, \"a\": 2}", "1:10: the name \"a\" is used twice"}));

TEST(JsonText, RefusesNestingAndSizesThatWouldExhaustStackOrMemory) {
    EXPECT_NE(complaint(std::string(200'000, '[')).find("nested more than 64 deep"), std::string::npos);
    std::string objects;
    for (int i = 0; i < 100'000; ++i) {
        objects += "{\"a\":";
    }
    EXPECT_NE(complaint(objects).find("nested more than 64 deep"), std::string::npos);
    std::string many = "[0";
    for (int i = 0; i < (1 << 22); ++i) {
        many += ",0";
    }
    EXPECT_NE(complaint(many + "]").find("more than 4194304 values"), std::string::npos);
}

}  // namespace
}  // namespace warpsmith
