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
              "reading space.json:1:28: not JSON: syntax error while parsing array - unexpected number literal; "
              "expected ']'\n"
              "    {\"parameters\": {\"rows\": [1 2]}}\n"
              "                               ^");
}

TEST(SpaceFile, TellsWhatIsMissingOrOfTheWrongType) {
    auto has = [](const std::string& text, const std::string& part) {
        EXPECT_NE(complaint(text).find(part), std::string::npos) << complaint(text);
    };
    has("[]", "1:1: expected an object with \"parameters\" and \"constraints\"");
    has(R"({"constraints": []})", "there is no \"parameters\"");
    has(R"({"parameters": {}})", "there is no \"constraints\"");
    has(R"({"parameters": {"rows": 3}, "constraints": []})", "1:17: rows is of the type number, expected array");
    has(R"({"parameters": {"rows": [null]}, "constraints": []})", "1:17: parameter \"rows\" has the value null");
    has(R"({"parameters": {"rows": [18446744073709551615]}, "constraints": []})", "expected a number within 64 bits");
    has(R"({"parameters": {"rows": [1]}, "constraints": [3]})", "an expression is of the type number, expected string");
    has(R"({"parameters": {"rows": [1]}, "constraints": "rows"})", "constraints is of the type string, expected array");
    has(R"({"values_per_parameter": {"zero": 1}, "constraints": []})", "expected 2 to 1000000 values");
    has(R"({"parameters": {"rows": [1]}, "constraints": [{"condition": "rows"}]})", "there is no \"reason\"");
}

TEST(SpaceFile, SurvivesDeeplyNestedJson) {
    EXPECT_NE(complaint(std::string(200'000, '[')).find("not JSON"), std::string::npos);
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
