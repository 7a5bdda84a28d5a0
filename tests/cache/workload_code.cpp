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

}  // namespace
}  // namespace warpsmith
