// Launches: blocks that wait for each other, the order of turns, limits, and what is wrong before anything runs.
#include "solver/error.hpp"
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

Module kernel(const std::string& parameters, const std::string& body) {
    return Module::parse(kPtxHeader + ".shared .align 4 .b8 s[512];\n.entry k(" + parameters +
                         ") {\n.reg .u64 %rd<20>; .reg .u32 %r<30>; .reg .f32 %f<9>; .reg .pred %p<9>;\n" + body +
                         "\nret;\n}\n");
}

// Every block adds one to a counter and spins until all have.
constexpr const char* kGridBarrier =
    "ld.param.u64 %rd1, [p]; mov.u32 %r1, %nctaid.x; mov.u32 %r2, %tid.x; setp.ne.u32 %p1, %r2, 0; @%p1 bra "
    "WAIT;\nmembar.gl; "
    "red.global.add.u32 [%rd1], 1;\nSPIN: ld.acquire.gpu.global.u32 %r3, [%rd1]; setp.lt.u32 %p2, %r3, %r1; @%p2 bra "
    "SPIN;\nWAIT: "
    "bar.sync 0;";

TEST(EmulatorLaunch, BlocksThatSpinForEachOtherAllMakeProgress) {
    const Module module = kernel(".param .u64 p", kGridBarrier);
    for (const std::uint64_t seed : {0U, 1U, 2U, 3U}) {
        Memory memory;
        const std::uint64_t counter = upload(memory, U{0});
        const LaunchResult result =
            launch(module, "k", {.grid = {100, 1, 1}, .block = {64, 1, 1}, .seed = seed, .checks = kAllChecks},
                   Parameters().add(counter).bytes(), memory);
        EXPECT_EQ(told(result), "") << seed;
        EXPECT_EQ(download<std::uint32_t>(memory, counter, 1)[0], 100U);
    }
}

// The workspace begins with its size; the barrier's word follows. Every thread adds one to it.
TEST(EmulatorLaunch, EveryCooperativeLaunchFindsAFreshWorkspaceWhoseAddressEnvironmentRegistersHold) {
    const Module module =
        kernel(".param .u64 p",
               "ld.param.u64 %rd1, [p]; mov.u32 %r1, %envreg1; mov.u32 %r2, %envreg2; mov.b64 %rd2, {%r2, %r1};\n"
               "ld.global.u32 %r3, [%rd2]; atom.global.add.u32 %r4, [%rd2+4], 1; mov.u32 %r5, %tid.x;\n"
               "mad.wide.u32 %rd3, %r5, 8, %rd1; st.global.v2.u32 [%rd3], {%r3, %r4};");
    Memory memory;
    const std::uint64_t target = upload(memory, std::vector<std::uint32_t>(8));
    for (int launches = 0; launches < 2; ++launches) {
        const LaunchResult result =
            launch(module, "k", {.block = {4, 1, 1}, .checks = kAllChecks}, Parameters().add(target).bytes(), memory);
        EXPECT_EQ(told(result), "");
        EXPECT_EQ(download<std::uint32_t>(memory, target, 8), (U{8, 0, 8, 1, 8, 2, 8, 3}));
    }
}

TEST(EmulatorLaunch, ABarrierThatSomeNeverReachIsADeadlockThatNamesWhereAllWait) {
    const Module module =
        kernel("",
               "mov.u32 %r1, %warpid; setp.eq.u32 %p1, %r1, 0; @%p1 bra ONE; bar.sync 2, 64; ret; ONE: "
               "bar.sync 1, 64;");
    Memory memory;
    const LaunchResult result = launch(module, "k", {.block = {64, 1, 1}}, {}, memory);
    EXPECT_EQ(kinds(result), std::vector{FindingKind::deadlock});
    EXPECT_NE(told(result).find("warp 0 waits at 'bar.sync' in barrier 1; warp 1 waits at 'bar.sync' in barrier 2"),
              std::string::npos)
        << told(result);
}

TEST(EmulatorLaunch, ASpinThatNobodyEndsIsADeadlock) {
    const Module module = kernel(".param .u64 p",
                                 "ld.param.u64 %rd1, [p]; SPIN: ld.volatile.global.u32 %r1, [%rd1]; setp.eq.u32 "
                                 "%p1, %r1, 0; @%p1 bra SPIN;");
    Memory memory;
    const LaunchResult result =
        launch(module, "k", {.grid = {3, 1, 1}}, Parameters().add(upload(memory, U{0})).bytes(), memory);
    EXPECT_EQ(kinds(result), std::vector{FindingKind::deadlock});
}

TEST(EmulatorLaunch, AnEndlessLoopIsGivenUpAfterItsSteps) {
    const Module module = kernel("", "LOOP: add.u32 %r1, %r1, 1; bra LOOP;");
    Memory memory;
    const LaunchResult result = launch(module, "k", {.max_steps = 10000}, {}, memory);
    EXPECT_EQ(kinds(result), std::vector{FindingKind::deadlock});
    EXPECT_FALSE(result.completed);
}

TEST(EmulatorLaunch, HostThreadsDoNotChangeResultsOrCounts) {
    const Module module = kernel(".param .u64 p",
                                 "ld.param.u64 %rd1, [p]; mov.u32 %r1, %ctaid.x; mov.u32 %r2, %tid.x; mad.lo.u32 "
                                 "%r3, %r1, 64, %r2; mul.wide.u32 %rd2, %r3, 4; add.u64 %rd1, %rd1, %rd2; "
                                 "st.global.u32 [%rd1], %r3;");
    for (const unsigned threads : {1U, 4U}) {
        Memory memory;
        const std::uint64_t out = memory.allocate(64 * 64 * 4);
        const LaunchResult result = launch(module, "k", {.grid = {64, 1, 1}, .block = {64, 1, 1}, .threads = threads},
                                           Parameters().add(out).bytes(), memory);
        EXPECT_EQ(told(result), "");
        EXPECT_EQ(result.counts.all.threads, 64U * 64 * 8);
        const U values = download<std::uint32_t>(memory, out, 64 * 64);
        for (std::uint32_t i = 0; i < values.size(); ++i) {
            ASSERT_EQ(values[i], i);
        }
    }
}

// Each warp appends its number to a list: the order depends on the seed, and on nothing else.
TEST(EmulatorLaunch, ASeedChoosesTheOrderOfWarpsAndRepeatsIt) {
    const Module module =
        kernel(".param .u64 p",
               "ld.param.u64 %rd1, [p]; mov.u32 %r1, %tid.x; and.b32 %r2, %r1, 31; setp.ne.u32 %p1, %r2, 0; @%p1 "
               "bra END;\natom.global.add.u32 %r3, [%rd1], 1; mul.wide.u32 %rd2, %r3, 4; add.u64 %rd3, %rd1, "
               "%rd2; st.global.u32 [%rd3+4], %r1;\nEND:");
    const auto order = [&](std::uint64_t seed) {
        Memory memory;
        const std::uint64_t list = upload(memory, U(17, 0));
        EXPECT_EQ(
            told(launch(module, "k", {.block = {512, 1, 1}, .seed = seed}, Parameters().add(list).bytes(), memory)),
            "");
        return download<std::uint32_t>(memory, list, 17);
    };
    EXPECT_EQ(order(5), order(5));
    EXPECT_NE(order(5), order(6));
}

TEST(EmulatorLaunch, AWrongLaunchIsRefusedWithAReason) {
    const Module module = kernel(".param .u64 p", "");
    Memory memory;
    const Parameters parameters = Parameters().add(std::uint64_t{0});
    EXPECT_THROW(launch(module, "nothing", {}, parameters.bytes(), memory), Error);
    EXPECT_THROW(launch(module, "k", {}, {}, memory), Error);
    EXPECT_THROW(launch(module, "k", {.block = {1025, 1, 1}}, parameters.bytes(), memory), Error);
    EXPECT_THROW(launch(module, "k", {.grid = {0, 1, 1}}, parameters.bytes(), memory), Error);
    EXPECT_THROW(launch(module, "k", {.grid = {3, 1, 1}, .cluster = {2, 1, 1}}, parameters.bytes(), memory), Error);
    EXPECT_THROW(launch(module, "k", {.dynamic_smem = 300000}, parameters.bytes(), memory), Error);
}

TEST(EmulatorLaunch, AnEntryTellsItsParametersAndStaticSharedMemory) {
    const Module module =
        kernel(".param .u32 n, .param .align 16 .b8 big[24], .param .u64 .ptr .global .align 16 p", "mov.u32 %r1, s;");
    const Entry& entry = module.entries().at(0);
    ASSERT_EQ(entry.parameters.size(), 3U);
    EXPECT_EQ(entry.parameters[1].offset, 16U);
    EXPECT_EQ(entry.parameters[2].offset, 40U);
    EXPECT_EQ(entry.parameter_bytes, 48U);
    EXPECT_EQ(entry.static_smem_bytes, 512U);
}

}  // namespace
}  // namespace warpsmith::emulator
