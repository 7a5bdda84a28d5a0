#include "cache/workload_code.hpp"

#include <gtest/gtest.h>

namespace warpsmith {
namespace {

TEST(WorkloadCoder, AnOptionThatCameLaterThanItsFamilyMayBeLeftOutAtItsDefault) {
    const WorkloadCoder coder(families());
    const std::string key = "lstm B=16 D=64 N=4 T=128 dtype=bf16";
    const std::optional<WorkloadCode> without = coder.read(key), with = coder.read(key + " pass=forward"),
                                      other = coder.read(key + " pass=backward");
    ASSERT_TRUE(without && with && other);
    EXPECT_EQ(without->kind, with->kind);
    EXPECT_NE(without->kind, other->kind);
    EXPECT_EQ(coder.workload(*with).key(), key);
    EXPECT_EQ(coder.workload(*other).key(), key + " pass=backward");
    EXPECT_FALSE(coder.read(key + " pass=forward pass=forward"));
}

TEST(WorkloadCoder, EveryFamilysCasesSurviveARoundTrip) {
    const WorkloadCoder coder(families());
    std::size_t cases = 0;
    for (const Family& family : families()) {
        for (const Workload& workload : case_workloads(family)) {
            const std::optional<WorkloadCode> code = coder.read(workload.key());
            ASSERT_TRUE(code) << workload.key();
            EXPECT_EQ(coder.workload(*code).key(), workload.key());
            ++cases;
        }
    }
    EXPECT_GT(cases, families().size());
}

TEST(WorkloadCoder, TextThatIsNotCanonicalIsNoWorkload) {
    const WorkloadCoder coder(families());
    ASSERT_TRUE(coder.read("scan B=2 D=32 T=64 dtype=f32 direction=forward"));
    for (const char* text :
         {"", "scan", "scant B=2 D=32 T=64 dtype=f32 direction=forward",
          "scan D=32 B=2 T=64 dtype=f32 direction=forward", "scan B=2 D=32 dtype=f32 direction=forward",
          "scan B=2 D=32 T=64 direction=forward", "scan B=2 D=32 T=64 dtype=f32",
          "scan B=2 D=32 T=64 dtype=f32 direction=sideways", "scan B=2 D=32 T=64 dtype=f33 direction=forward",
          "scan B=2 D=32 T=0 dtype=f32 direction=forward", "scan B=2 D=32 T=-64 dtype=f32 direction=forward",
          "scan B=2 D=32 T= dtype=f32 direction=forward", "scan B=2 D=32 T=6x4 dtype=f32 direction=forward",
          "scan B=2 D=32 T=64 T=64 dtype=f32 direction=forward",
          "scan B=2 D=32 T=18446744073709551680 dtype=f32 direction=forward",
          "scan B=2 D=32 T=64 dtype=f32 direction=forward more=1", "scan B=2 D=32 T=64 dtype=f32 direction=forward "}) {
        EXPECT_FALSE(coder.read(text)) << text;
    }
}

TEST(WorkloadCoder, AKeyIsReadAlikeWhateverWasReadBefore) {
    const WorkloadCoder coder(families());
    const std::vector<std::string> keys = {"lstm B=16 D=64 N=4 T=128 dtype=bf16",
                                           "lstm B=1 D=64 N=4 T=128 dtype=bf16",
                                           "lstm B=16 D=64 N=4 T=128 dtype=bf16 pass=backward",
                                           "lstm B=16 D=64 N=4 T=128",
                                           "lstm B=16 D=64 T=128 dtype=bf16",
                                           "lstm B=16 D=64 N=4 T=128 dtype=bf17",
                                           "gru B=16 D=64 N=4 T=128 dtype=bf16",
                                           "scan B=2 D=32 T=64 dtype=f32 direction=forward",
                                           "scan B=2 D=32 T=64 dtype=bf16",
                                           "scant B=2 D=32 T=64 dtype=f32 direction=forward",
                                           "scan",
                                           ""};
    for (const std::string& before : keys) {
        for (const std::string& key : keys) {
            WorkloadCoder::Before memory;
            coder.read(before, memory);
            EXPECT_EQ(coder.read(key, memory), coder.read(key)) << before << ", " << key;
        }
    }
}

TEST(WorkloadCoder, AFixedPartIsThatOfWhatDiffersInRuntimeDimensionsAlone) {
    const WorkloadCoder coder(families());
    const WorkloadCode fixed = coder.fixed_part(*coder.read("lstm B=16 D=64 N=4 T=128 dtype=bf16"));
    EXPECT_TRUE(coder.is_of(*coder.read("lstm B=1 D=64 N=2 T=7 dtype=bf16"), fixed));
    for (const char* other :
         {"lstm B=16 D=32 N=4 T=128 dtype=bf16", "lstm B=16 D=64 N=4 T=128 dtype=f16",
          "gru B=16 D=64 N=4 T=128 dtype=bf16", "lstm B=16 D=64 N=4 T=128 dtype=bf16 pass=backward"}) {
        ASSERT_TRUE(coder.read(other)) << other;
        EXPECT_FALSE(coder.is_of(*coder.read(other), fixed)) << other;
    }
}

}  // namespace
}  // namespace warpsmith
