#include "solver/t1_file.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"
#include "solver/search.hpp"

namespace warpsmith {
namespace {

ModelFromText read(const std::string& text) {
    return read_t1({.file = "t1.json", .text = text});
}

ModelFromText load(const std::string& name) {
    return read_t1(read_source(WARPSMITH_SOURCE_DIR "/tests/data/t1/" + name));
}

std::string with_parameters(const std::string& parameters, const std::string& conditions = "[]") {
    return R"({"ConfigurationSpace": {"TuningParameters": )" + parameters + R"(, "Conditions": )" + conditions + "}}";
}

std::string complaint(const std::string& text) {
    try {
        read(text);
        return "no complaint";
    } catch (const Error& error) {
        return error.what();
    }
}

// The counts come from Python: eval() of all "Values", itertools.product over them, and eval() of all conditions, with
// && replaced by `and`.
TEST(T1File, OfAGemmHasAsManySolutionsAsPythonCounts) {
    ModelFromText gemm = load("gemm.json");
    EXPECT_EQ(gemm.name, "gemm");
    EXPECT_EQ(count(gemm.model), 1998U);
    EXPECT_EQ(gemm.model.constraints()[0].reason, "not (TILE_K % UNROLL_K)");
}

TEST(T1File, WithTextsRealNumbersAndOperatorsOfCHasAsManySolutionsAsPythonCounts) {
    ModelFromText hotspot = load("hotspot.json");
    EXPECT_EQ(hotspot.name, "hotspot");
    EXPECT_EQ(count(hotspot.model), 20968U);
    EXPECT_EQ(to_string(first(hotspot.model).value()),
              "BLOCK_X=1 BLOCK_Y=32 TILE_X=1 STEPS=1 UNROLL=1 POWER_SHARED=0 SCALE=0.5 LAYOUT='row' LIMIT=49152");
}

TEST(T1File, OfTheOlderKindIsReadToo) {
    ModelFromText older = read(R"json({"general": {"benchmarkName": "md"}, "configurationSpace": {"tuningParameters": [
        {"name": "block", "type": "int32", "values": "list(range(32, 129, 32))", "default": 32},
        {"name": "inline", "values": [0, 1]}], "constraints": ["block > 64 or inline"]}})json");
    EXPECT_EQ(older.name, "md");
    EXPECT_EQ(count(older.model), 6U);
}

TEST(T1File, BindsAnExclamationMarkAsCDoes) {
    ModelFromText file =
        read(with_parameters(R"([{"Name": "a", "Values": "[0, 1, 2]"}])", R"([{"Expression": "!a == 1 || a != 1"}])"));
    EXPECT_EQ(to_string(file.model.constraints()[0].condition), "(not a) == 1 or a != 1");
    EXPECT_EQ(count(file.model), 2U);
}

TEST(T1File, IsTakenAsItIsWithoutConditions) {
    EXPECT_EQ(count(read(R"({"ConfigurationSpace": {"TuningParameters": [{"Name": "a", "Values": "[3]"}]}})").model),
              1U);
}

TEST(T1File, PointsToWhatIsMissingOrWrong) {
    auto has = [](const std::string& text, const std::string& part) {
        EXPECT_NE(complaint(text).find(part), std::string::npos) << complaint(text);
    };
    has("{}", "t1.json:1:1: there is no \"ConfigurationSpace\" here; expected the parameters and conditions");
    has(R"({"ConfigurationSpace": {}})", "1:24: there is no \"TuningParameters\" here; expected a list of");
    has(R"({"ConfigurationSpace": 3})", "1:24: ConfigurationSpace is a number; expected a object");
    has(with_parameters("3"), "TuningParameters is a number; expected a list");
    has(with_parameters("[3]"), "a tuning parameter is a number");
    has(with_parameters(R"([{"Values": "[1]"}])"), "1:46: there is no \"Name\" here; expected {\"Name\": text");
    has(with_parameters(R"([{"Name": "a"}])"), "1:46: there is no \"Values\" here");
    has(with_parameters(R"([{"Name": "a", "Values": 3}])"), "the parameter \"a\" is a number; expected a list");
    has(with_parameters(R"([{"Name": "a", "Values": "[1, x]"}])"), "1:75: there is no name \"x\" here");
    has(with_parameters(R"([{"Name": "a", "Values": [[1]]}])"), "the parameter \"a\" has a value that is a list");
    has(with_parameters(R"([{"Name": "a", "Values": [1]}, {"Name": "a", "Values": [1]}])"), "\"a\" is used twice");
    has(with_parameters("[]", R"([{"Parameters": ["a"]}])"), "there is no \"Expression\" here");
    has(with_parameters("[]", R"([{"Expression": 3}])"), "an expression is a number; expected a text");
    has(with_parameters(R"([{"Name": "ab", "Values": [1]}])", R"([{"Expression": "ac > 1"}])"), "did you mean \"ab\"?");
}

TEST(T1File, RefusesMoreParametersOrPartsThanCanBeHandled) {
    std::string many;
    for (int i = 0; i < 10'001; ++i) {
        many += (i == 0 ? "" : ",") + std::string(R"({"Name": "p)") + std::to_string(i) + R"(", "Values": [1]})";
    }
    EXPECT_NE(complaint(with_parameters("[" + many + "]")).find("more than 10000 parameters"), std::string::npos);
    std::string list = "[";
    for (int i = 0; i < 20; ++i) {
        list += (i == 0 ? "{\"Name\": \"p" : ", {\"Name\": \"p") + std::to_string(i);
        list += "\", \"Values\": \"range(262000)\"}";
    }
    EXPECT_NE(complaint(with_parameters(list + "]")).find("more than 4194304 values in all"), std::string::npos);
}

}  // namespace
}  // namespace warpsmith
