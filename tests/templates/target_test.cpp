#include "templates/target.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "solver/error.hpp"
#include "solver/search.hpp"
#include "templates/occupancy.hpp"

namespace warpsmith {
namespace {

std::string message(const std::string& name) {
    try {
        find_target(name);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

std::string written(const std::string& text) {
    // Tests run at the same time: a file for each.
    std::string path =
        testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + "-target.json";
    std::ofstream(path) << text;
    return path;
}

TEST(Target, EveryFieldOfEveryKnownTargetIsSet) {
    for (const Target& target : known_targets()) {
        EXPECT_GT(target.sms, 0) << target.name;
        EXPECT_GE(target.smem_per_sm, target.smem_per_block + target.smem_reserved_per_block) << target.name;
        EXPECT_GT(target.l2_bytes, 0) << target.name;
        EXPECT_GT(target.memory_bandwidth, 0) << target.name;
        EXPECT_GT(target.clock_hz, 0) << target.name;
        EXPECT_GT(target.tensor_flops, 0) << target.name;
    }
}

TEST(Target, JsonSurvivesARoundTrip) {
    Target target = find_target("h200");
    target.name = "mine";
    EXPECT_EQ(find_target(written(to_json(target))), target);
}

TEST(Target, TextIsReadAsAFileIs) {
    const Target target = find_target("h200");
    EXPECT_EQ(parse_target(to_json(target)), target);
    EXPECT_THROW(parse_target("{\"name\": \"h200\"}"), Error);
    EXPECT_THROW(parse_target("h200"), Error);
}

TEST(Target, BadNamesAndFilesAreRefusedWithWhatIsWrong) {
    EXPECT_NE(message("h20").find("did you mean 'h200'"), std::string::npos);
    EXPECT_NE(message(written("[]")).find("not a JSON object"), std::string::npos);
    EXPECT_NE(message(written("{\"name\": \"x\"}")).find("field 'product' is missing"), std::string::npos);
    std::string text = to_json(find_target("h200"));
    std::string wrong = text;
    wrong.replace(wrong.find("132"), 3, "\"many\"");
    EXPECT_NE(message(written(wrong)).find("field 'sms' should be a number"), std::string::npos);
    std::string extra = text;
    extra.insert(1, "\"sm\": 1,");
    EXPECT_NE(message(written(extra)).find("no field 'sm'"), std::string::npos);
}

TEST(Occupancy, FollowsTheScarcestResource) {
    Target h200 = find_target("h200");
    EXPECT_EQ(occupancy(h200, 128, 32, 0).blocks_per_sm, 16);  // 2048 threads
    EXPECT_EQ(occupancy(h200, 128, 32, 0).limited_by, "threads");
    EXPECT_EQ(occupancy(h200, 128, 255, 0).blocks_per_sm, 2);  // 4 x 16384 / (256 x 32) warps = 8
    EXPECT_EQ(occupancy(h200, 128, 255, 0).limited_by, "registers");
    EXPECT_EQ(occupancy(h200, 128, 32, 100'000).blocks_per_sm, 2);  // 233472 / 101120
    EXPECT_EQ(occupancy(h200, 128, 32, 100'000).limited_by, "shared memory");
    EXPECT_EQ(occupancy(h200, 32, 16, 0).blocks_per_sm, 32);
    EXPECT_EQ(occupancy(h200, 32, 16, 0).limited_by, "blocks");
    EXPECT_EQ(occupancy(h200, 128, 32, 232'449).blocks_per_sm, 0);
    EXPECT_EQ(occupancy(h200, 1056, 32, 0).blocks_per_sm, 0);
}

TEST(Occupancy, ABlockThatUsesTheAvailableRegistersIsResident) {
    for (const Target& target : known_targets()) {
        Model model;
        Expr threads = model.variable("threads", {32, 64, 96, 128, 160, 256, 384, 512, 768, 1024});
        Expr available = model.define("available", registers_available(target, threads));
        for (const Solution& solution : solve(model)) {
            std::int64_t registers = evaluate(available, solution);
            EXPECT_GE(occupancy(target, solution["threads"], registers, 0).blocks_per_sm, 1)
                << target.name << " " << solution["threads"] << " threads with " << registers;
            if (registers < target.registers_per_thread) {
                EXPECT_EQ(occupancy(target, solution["threads"], registers + 1, 0).blocks_per_sm, 0)
                    << target.name << " " << solution["threads"] << " threads with " << registers + 1;
            }
        }
    }
}

}  // namespace
}  // namespace warpsmith
