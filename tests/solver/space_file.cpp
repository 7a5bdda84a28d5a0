#include "solver/space_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "solver/error.hpp"
#include "solver/search.hpp"

namespace warpsmith {
namespace {

std::vector<std::string> space_files() {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(WARPSMITH_SOURCE_DIR "/tests/data/spaces")) {
        paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

class SpaceFile : public testing::TestWithParam<std::string> {};

TEST_P(SpaceFile, HasExactlyAsManySolutionsAsItStates) {
    for (const ModelFromText& space : load_spaces(GetParam())) {
        ASSERT_TRUE(space.expected_count.has_value()) << space.name;
        EXPECT_EQ(count(space.model), *space.expected_count) << space.name;
    }
}

INSTANTIATE_TEST_SUITE_P(Published, SpaceFile, testing::ValuesIn(space_files()),
                         [](const auto& file) { return std::filesystem::path(file.param).stem().string(); });

ModelFromText read(const std::string& text) {
    return read_spaces({.file = "space.json", .text = text}).front();
}

std::string complaint(const std::string& text) {
    try {
        read(text);
        return "no complaint";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(SpaceFile, KeepsTheOrderOfParametersAndValues) {
    ModelFromText space = read(R"({"name": "tiles", "parameters": {"rows": [64, 32], "items": [2, 0.5, "auto", true]},
                                   "constraints": ["rows > 32"], "valid_configs_recounted": 4})");
    EXPECT_EQ(space.name, "tiles");
    EXPECT_EQ(space.expected_count, 4U);
    std::vector<Solution> solutions = solve(space.model);
    ASSERT_EQ(solutions.size(), 4U);
    EXPECT_EQ(to_string(solutions[2]), "rows=64 items='auto'");
    EXPECT_EQ(to_string(solutions[3]), "rows=64 items=1");
}

TEST(SpaceFile, TakesDefinitionsReasonsAndACost) {
    ModelFromText space = read(R"({"parameters": {"rows": [64, 32]}, "definitions": {"bytes": "rows * 4"},
        "constraints": [{"condition": "bytes <= 128", "reason": "the tile fits"}], "minimize": "-rows"})");
    EXPECT_EQ(space.model.constraints()[0].reason, "the tile fits");
    EXPECT_EQ(to_string(space.model.constraints()[0].condition), "bytes <= 128");
    EXPECT_EQ(first(space.model).value()["bytes"], 128);
    EXPECT_EQ(to_string(space.model.cost().value()), "-rows");
}

TEST(SpaceFile, SpacesNumbersEvenly) {
    ModelFromText space = read(R"({"values_per_parameter": {"zero": 3}, "constraints": ["zero > -500.0"]})");
    EXPECT_EQ(space.model.variables()[0].values, (std::vector<Value>{-500.0, 0.0, 500.0}));
}

TEST(SpaceFile, PointsIntoTheFileWhereAConstraintIsWrong) {
    EXPECT_EQ(complaint("{\"parameters\": {\"rows\": [1]},\n \"constraints\": [\"rows > 0\",\n  \"rows <> 2\"]}"),
              "reading space.json:3:10: expected a value, found \">\"\n    rows <> 2\n          ^");
}

TEST(SpaceFile, PointsIntoTheFileWhereItIsNoJson) {
    EXPECT_EQ(complaint("{\"parameters\": {\"rows\": [1 2]}}"),
              "reading space.json:1:28: not JSON: expected \",\" or \"]\"\n"
              "    {\"parameters\": {\"rows\": [1 2]}}\n"
              "                               ^");
}

TEST(SpaceFile, TellsWhatIsMissingOrOfTheWrongType) {
    auto has = [](const std::string& text, const std::string& part) {
        EXPECT_NE(complaint(text).find(part), std::string::npos) << complaint(text);
    };
    has("[]", "1:1: expected an object with \"parameters\" and \"constraints\"");
    has(R"({"constraints": []})", "1:1: there is no \"parameters\" here; expected \"parameters\" and \"constraints\"");
    has(R"({"parameters": {}})", "there is no \"constraints\"");
    has(R"({"parameters": {"rows": 3}, "constraints": []})",
        "1:25: the domain of \"rows\" is a number; expected a list");
    has(R"({"parameters": {"rows": [null]}, "constraints": []})",
        "1:26: the parameter \"rows\" has a value that is a null");
    has(R"({"parameters": {"rows": [18446744073709551615]}, "constraints": []})", "expected a number within 64 bits");
    has(R"({"parameters": {"rows": [1]}, "constraints": [3]})", "1:47: an expression is a number; expected a text");
    has(R"({"parameters": {"rows": [1]}, "constraints": "rows"})", "constraints is a text; expected a list");
    has(R"({"values_per_parameter": {"zero": 1}, "constraints": []})", "expected 2 to 1000000 values");
    has(R"({"parameters": {"rows": [1]}, "constraints": [{"condition": "rows"}]})", "there is no \"reason\"");
}

std::string domain(const std::string& text) {
    ModelFromText space =
        read(R"({"parameters": {"n": [12], "few": [1, 2], "x": )" + text + R"(}, "constraints": []})");
    std::string values;
    for (const Value& value : space.model.variables()[2].values) {
        values += (values.empty() ? "" : " ") + to_string(value);
    }
    return values;
}

TEST(SpaceFile, TakesDomainsThatAreNotListed) {
    EXPECT_EQ(domain(R"({"range": [1, 4]})"), "1 2 3 4");
    EXPECT_EQ(domain(R"({"range": [8, 30, 8]})"), "8 16 24");
    EXPECT_EQ(domain(R"({"range": [8, 32, 8]})"), "8 16 24 32");
    EXPECT_EQ(domain(R"({"range": [3, 1, -1]})"), "3 2 1");
    EXPECT_EQ(domain(R"({"range": [2, 1]})"), "");
    EXPECT_EQ(domain(R"({"range": [1, "n // 4"]})"), "1 2 3");
    EXPECT_EQ(domain(R"({"divisors_of": 36})"), "1 2 3 4 6 9 12 18 36");
    EXPECT_EQ(domain(R"({"divisors_of": "n"})"), "1 2 3 4 6 12");
    EXPECT_EQ(domain(R"({"powers_of_two": [3, 64]})"), "4 8 16 32 64");
    EXPECT_EQ(domain(R"({"powers_of_two": [-5, 2]})"), "1 2");
}

TEST(SpaceFile, ReadsALongRangeWithoutListingIt) {
    ModelFromText space = read(R"({"parameters": {"x": {"range": [1, 1000000000000, 3]}}, "constraints": ["x == 7"]})");
    const Variable& x = space.model.variables()[0];
    EXPECT_TRUE(x.values.empty());
    EXPECT_EQ(x.range, (ValueRange{1, 1'000'000'000'000, 3}));
    std::vector<Solution> solutions = solve(space.model);
    ASSERT_EQ(solutions.size(), 1U);
    EXPECT_EQ(solutions[0]["x"], 7);
}

TEST(SpaceFile, RefusesDomainsThatAreWrongOrTooLarge) {
    auto has = [](const std::string& text, const std::string& part) {
        std::string message =
            complaint(R"({"parameters": {"n": [12], "few": [1, 2], "x": )" + text + R"(}, "constraints": []})");
        EXPECT_NE(message.find(part), std::string::npos) << message;
    };
    has(R"({"range": [-9223372036854775807, 9223372036854775807]})", "1:58: this range has more than 2^62 values");
    has(R"({"range": [1, 4, 0]})", "the step of a range cannot be 0");
    has(R"({"range": [1]})", "expected [first, last] or [first, last, step], found 1 values");
    has(R"({"range": 3})", "a pair of limits is a number");
    has(R"({"range": [1, 2.5]})", "expected an integer or an expression in quotes, found a number");
    has(R"({"range": [1, "few"]})",
        "\"few\" has 2 values; a domain can only be computed from parameters with a single");
    has(R"({"range": [1, "n / 5"]})", "expected an integer within 64 bits, found 2.4");
    has(R"({"range": [1, "n // 0"]})", "expected an integer within 64 bits, found a division by zero");
    has(R"({"divisors_of": 0})", "expected a number from 1, found 0");
    has(R"({"divisors_of": "rows"})", "there is no parameter \"rows\"");
    has(R"({"primes": [1, 9]})", "the domain of \"x\" is another object; expected a list of values, {\"range\"");
    has(R"({"range": [1, 2], "divisors_of": 3})", "the domain of \"x\" is another object");
}

TEST(SpaceFile, RefusesDefinitionsThatGrowWithoutEnd) {
    std::string definitions = R"("d0": "x + x")";
    for (int i = 1; i < 40; ++i) {
        std::string previous = "d" + std::to_string(i - 1);
        definitions += ", \"d" + std::to_string(i) + "\": \"" + previous + " + " + previous + "\"";
    }
    EXPECT_NE(complaint(R"({"parameters": {"x": [1]}, "definitions": {)" + definitions + R"(}, "constraints": []})")
                  .find("parts"),
              std::string::npos);
    EXPECT_NE(
        complaint(R"({"parameters": {"x": [1]}, "definitions": {"x": "1"}, "constraints": []})").find("is used twice"),
        std::string::npos);
}

TEST(SpaceFile, RefusesDomainsThatAreTooLargeTogether) {
    std::string parameters;
    for (int i = 0; i < 1025; ++i) {
        parameters += (i == 0 ? "\"p" : ", \"p") + std::to_string(i) + R"(": {"range": [1, 4096]})";
    }
    EXPECT_NE(complaint("{\"parameters\": {" + parameters + "}, \"constraints\": []}")
                  .find("more than 4194304 values in all"),
              std::string::npos);
}

TEST(SpaceFile, SurvivesDeeplyNestedJson) {
    EXPECT_NE(complaint(std::string(200'000, '[')).find("nested more than 64 deep"), std::string::npos);
}

TEST(SpaceFile, RefusesAFileWithManySpacesWhereOneIsWanted) {
    EXPECT_THROW(load_space(WARPSMITH_SOURCE_DIR "/tests/data/spaces/synthetic_third.json"), Error);
    EXPECT_EQ(load_spaces(WARPSMITH_SOURCE_DIR "/tests/data/spaces/synthetic_third.json").size(), 38U);
}

TEST(SpaceFile, TellsOfAFileThatCannotBeOpened) {
    try {
        load_space("/nowhere/space.json");
        FAIL() << "there is no such file";
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()),
                  "reading /nowhere/space.json: it cannot be opened; check the path and the permissions");
    }
}

}  // namespace
}  // namespace warpsmith
