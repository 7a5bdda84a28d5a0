#include "templates/workload.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"
#include "templates/family.hpp"

namespace warpsmith {
namespace {

std::string message(std::string_view text) {
    try {
        parse_workload(text, families());
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(Workload, KeyIsTheSameWhateverTheOrderOfTheWords) {
    Workload a = parse_workload("lstm T=128 B=16 N=4 D=64 dtype=bf16", families());
    Workload b = parse_workload("lstm dtype=bf16   D=64 N=4 B=16 T=128", families());
    EXPECT_EQ(a.key(), "lstm B=16 D=64 N=4 T=128 dtype=bf16");
    EXPECT_EQ(a, b);
}

TEST(Workload, AnOptionThatCameLaterThanItsFamilyIsWrittenWhereItDiffersFromItsDefault) {
    const std::string sizes = "lstm B=16 D=64 N=4 T=128 dtype=bf16";
    EXPECT_EQ(parse_workload(sizes + " pass=forward", families()).key(), sizes);
    EXPECT_EQ(parse_workload(sizes + " pass=forward", families()), parse_workload(sizes, families()));
    EXPECT_EQ(parse_workload(sizes + " pass=backward", families()).key(), sizes + " pass=backward");
}

TEST(Workload, KeySpellsDefaultsOut) {
    Workload w = parse_workload("scan T=4 B=1 D=8 dtype=f32", families());
    EXPECT_EQ(w.key(), "scan B=1 D=8 T=4 dtype=f32 direction=forward");
    EXPECT_EQ(parse_workload(w.key(), families()), w);
}

TEST(Workload, MisspeltNamesAreRefusedWithTheNearestOne) {
    EXPECT_NE(message("lsmt T=1 B=1 N=1 D=16 dtype=f32").find("did you mean 'lstm'"), std::string::npos);
    EXPECT_NE(message("scan TT=1 B=1 D=16 dtype=f32").find("did you mean 'T'"), std::string::npos);
    EXPECT_NE(message("scan T=1 B=1 D=16 dtype=f32 direction=revers").find("did you mean 'reverse'"),
              std::string::npos);
    EXPECT_NE(message("scan T=1 B=1 D=16 dtype=fp16").find("did you mean 'f16'"), std::string::npos);
}

TEST(Workload, IncompleteOrRepeatedTextIsRefused) {
    EXPECT_NE(message("").find("empty"), std::string::npos);
    EXPECT_NE(message("scan T=1 dtype=f32").find("sizes are missing: B (sequences in the batch), D"),
              std::string::npos);
    EXPECT_NE(message("scan T=1 B=1 D=1").find("dtype is missing"), std::string::npos);
    EXPECT_NE(message("scan T=1 T=1 B=1 D=1 dtype=f32").find("given twice"), std::string::npos);
    EXPECT_NE(message("scan T=0 B=1 D=1 dtype=f32").find("not a size"), std::string::npos);
    EXPECT_NE(message("scan T=99999999999999999999 B=1 D=1 dtype=f32").find("not a size"), std::string::npos);
    EXPECT_NE(message("scan T B=1 D=1 dtype=f32").find("not name=value"), std::string::npos);
}

TEST(Config, TextSurvivesARoundTrip) {
    Config config = parse_config("warps=4, batch=16");
    EXPECT_EQ(config["batch"], 16);
    EXPECT_EQ(config.key(), "warps=4 batch=16");
    EXPECT_THROW(parse_config("warps"), Error);
    EXPECT_EQ(parse_config(" ,warps=-4,\tbatch=16 ").key(), "warps=-4 batch=16");
    EXPECT_EQ(parse_config(" ").fields.size(), 0U);
    for (const char* text : {"warps=four", "warps=", "=4", "warps=4x", "warps=4=5", "warps=9223372036854775808"}) {
        EXPECT_THROW(parse_config(text), Error) << text;
    }
    EXPECT_THROW(config["rows"], Error);
}

}  // namespace
}  // namespace warpsmith
