// mbarriers, cluster barriers and printf of the emulator.
#include "device/emulator/mbarrier.hpp"

#include <gtest/gtest.h>

#include "device/emulator/printf_format.hpp"
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

// One thread: `body` works on the mbarrier at [b] and leaves its answer in %r1.
struct Answer {
    std::string told;
    std::uint32_t value = 0;
};
Answer run_one(const std::string& body) {
    const Module module =
        Module::parse(kPtxHeader +
                      ".entry k(.param .u64 p) {\n.reg .u64 %rd<9>; .reg .b32 %r<9>; .reg .pred %p<4>;\n"
                      ".shared .align 8 .b64 b;\nld.param.u64 %rd1, [p];\n" +
                      body + "\nst.global.u32 [%rd1], %r1;\nret;\n}\n");
    Memory memory;
    const std::uint64_t out = memory.allocate(4);
    const LaunchResult result = launch(module, "k", {.checks = kAllChecks}, Parameters().add(out).bytes(), memory);
    return {told(result), download<std::uint32_t>(memory, out, 1)[0]};
}

const std::string kTest = "mbarrier.test_wait.parity.shared.b64 %p1, [b], 0; selp.u32 %r1, 1, 0, %p1;";

TEST(Mbarrier, APhaseIsOverOnceAllExpectedArrivalsHaveCome) {
    const std::string one = "mbarrier.arrive.shared.b64 %rd2, [b];\n";
    EXPECT_EQ(run_one("mbarrier.init.shared.b64 [b], 2;\n" + one + kTest).value, 0U);
    EXPECT_EQ(run_one("mbarrier.init.shared.b64 [b], 2;\n" + one + one + kTest).value, 1U);
}

TEST(Mbarrier, APhaseWaitsForItsBytesToo) {
    const std::string expect = "mbarrier.init.shared.b64 [b], 1;\nmbarrier.arrive.expect_tx.shared.b64 _, [b], 64;\n";
    EXPECT_EQ(run_one(expect + kTest).value, 0U);
    EXPECT_EQ(run_one(expect + "mbarrier.complete_tx.relaxed.cta.shared.b64 [b], 64;\n" + kTest).value, 1U);
}

TEST(Mbarrier, ADroppedThreadIsNotExpectedInTheNextPhase) {
    const std::string drop = "mbarrier.init.shared.b64 [b], 2;\nmbarrier.arrive_drop.shared.b64 %rd2, [b];\n";
    const std::string arrive = "mbarrier.arrive.shared.b64 %rd2, [b];\n";
    const std::string second = "mbarrier.test_wait.parity.shared.b64 %p1, [b], 1; selp.u32 %r1, 1, 0, %p1;";
    EXPECT_EQ(run_one(drop + arrive + second).value, 0U);
    EXPECT_EQ(run_one(drop + arrive + arrive + second).value, 1U);
}

TEST(Mbarrier, AStateTellsHowManyWereStillToCome) {
    EXPECT_EQ(run_one("mbarrier.init.shared.b64 [b], 5;\nmbarrier.arrive.shared.b64 %rd2, [b], 2;\n"
                      "mbarrier.arrive.shared.b64 %rd2, [b];\nmbarrier.pending_count.b64 %r1, %rd2;")
                  .value,
              3U);
}

TEST(Mbarrier, MoreArrivalsThanExpectedAreFound) {
    const Answer answer =
        run_one("mbarrier.init.shared.b64 [b], 3;\nmbarrier.arrive.shared.b64 %rd2, [b], 4;\nmov.u32 %r1, 0;");
    EXPECT_NE(answer.told.find("barrier_mismatch"), std::string::npos) << answer.told;
}

TEST(Mbarrier, MemoryThatWasNotInitialisedIsNoMbarrier) {
    const Answer answer = run_one("mbarrier.arrive.shared.b64 %rd2, [b];\nmov.u32 %r1, 0;");
    EXPECT_NE(answer.told.find("no mbarrier"), std::string::npos) << answer.told;
    EXPECT_FALSE(Mbarrier::of(0).has_value());
    EXPECT_FALSE(Mbarrier::of(~std::uint64_t{0}).has_value());
}

TEST(Mbarrier, WhatIsStoredIsReadBack) {
    const Mbarrier barrier =
        *Mbarrier::of(Mbarrier{.expected = 1048575, .pending = 7, .bytes = -12, .odd = true}.packed());
    EXPECT_EQ(barrier.expected, 1048575U);
    EXPECT_EQ(barrier.pending, 7U);
    EXPECT_EQ(barrier.bytes, -12);
    EXPECT_TRUE(barrier.odd);
}

TEST(ClusterBarrier, AThreadThatWaitsWithoutHavingArrivedIsFound) {
    const Answer answer = run_one("barrier.cluster.wait;\nmov.u32 %r1, 0;");
    EXPECT_NE(answer.told.find("without having arrived"), std::string::npos) << answer.told;
    EXPECT_EQ(run_one("barrier.cluster.arrive;\nbarrier.cluster.wait;\nmov.u32 %r1, 6;").told, "");
}

std::string printed(std::string_view format, std::uint64_t value) {
    return format_printf(format, {.argument = [&](std::uint64_t, unsigned) { return value; },
                                  .text = [](std::uint64_t) { return std::string("text"); }});
}

TEST(Printf, ConversionsAreThoseOfC) {
    EXPECT_EQ(printed("%5d|%-5d|%05d", static_cast<std::uint64_t>(-42)), "  -42|-42  |-0042");
    EXPECT_EQ(printed("%u %x %#o %llX", 255), "255 ff 0377 FF");
    EXPECT_EQ(printed("%.3f %e", std::bit_cast<std::uint64_t>(1.5)), "1.500 1.500000e+00");
    EXPECT_EQ(printed("%s|%6s|%.2s|%c|%%", 'A'), "text|  text|te|A|%");
}

TEST(Printf, FormatsThatCMakesNothingOfAreKeptAndNothingIsWrittenBeyondBounds) {
    EXPECT_EQ(printed("100%", 0), "100%");
    EXPECT_EQ(printed("%y", 0), "%y");
    EXPECT_EQ(printed("%999999999d", 1).size(), 1024U);
    EXPECT_LE(printed("%.99999f", std::bit_cast<std::uint64_t>(1e300)).size(), 4096U);
    EXPECT_EQ(printed("%n%d", 3), "%n3");  // never a store
}

}  // namespace
}  // namespace warpsmith::emulator
