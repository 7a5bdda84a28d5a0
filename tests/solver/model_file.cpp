#include "solver/model_file.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"
#include "solver/search.hpp"

namespace warpsmith {
namespace {

std::uint64_t solutions(const std::string& text) {
    return count(read_model({.file = "a", .text = text}).model);
}

std::string complaint(const std::string& text) {
    try {
        read_model({.file = "a", .text = text});
        return "no complaint";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(ModelFile, TellsFormatsApartByTheirContent) {
    EXPECT_EQ(solutions(R"(  {"parameters": {"x": [1, 2]}, "constraints": []})"), 2U);
    EXPECT_EQ(
        solutions(R"json({"ConfigurationSpace": {"TuningParameters": [{"Name": "x", "Values": "range(3)"}]}})json"),
        3U);
    EXPECT_EQ(solutions("# ConstrINT\nx <= 4;"), 4U);
    EXPECT_EQ(solutions("[1, 2] == x;"), 2U);
}

TEST(ModelFile, SaysWhatATextWasTakenForWhenItIsNone) {
    EXPECT_NE(
        complaint("").find("there is nothing in this file; expected a space file or a T1 file (JSON), or ConstrINT"),
        std::string::npos);
    EXPECT_NE(complaint("{\"results\": []}").find("this is JSON, but neither a space file"), std::string::npos);
    EXPECT_NE(complaint("{\"parameters\": ").find("a:1:16: not JSON"), std::string::npos)
        << complaint("{\"parameters\": ");
    EXPECT_NE(complaint("Dear reader!").find("read as ConstrINT text, because it does not start with {"),
              std::string::npos);
}

}  // namespace
}  // namespace warpsmith
