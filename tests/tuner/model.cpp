#include "tuner/model.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace warpsmith {
namespace {

// One clock is a microsecond, four SMs, 128 multiply-adds per SM and clock on either kind of core.
Target slow_target() {
    Target target = find_target("a100");
    target.sms = 4;
    target.clock_hz = 1e6;
    target.tensor_flops = 4 * 128 * 2 * 1e6;
    target.fma_per_clock = 128;
    target.memory_bandwidth = 1e9;
    return target;
}

// `blocks` blocks of 1024 threads: two of them are resident on an SM.
Space blocks_of(std::int64_t blocks, Work work) {
    Space space;
    space.model.variable("x", std::vector<std::int64_t>{1});
    space.launch = {.grid_x = blocks, .threads = 1024};
    space.work = std::move(work);
    return space;
}

ModelledTime modelled(const Space& space, Resources resources = {}) {
    return modelled_time(space, first(space.model).value(), resources, slow_target());
}

constexpr double kLaunch = 2;

TEST(Model, ABlockAloneDoesThePartsOfAStepOneAfterAnother) {
    struct Case {
        Work work;
        double clocks;
        const char* largest;
    };
    const Case cases[] = {
        {{.tensor_macs = 1280, .latency_cycles = 5}, 15, "tensor cores"},
        {{.warpgroup_macs = 1280, .latency_cycles = 5}, 15, "tensor cores"},
        {{.fma = 1280, .latency_cycles = 5}, 15, "arithmetic"},
        {{.special = 160, .latency_cycles = 5}, 15, "special functions"},
        {{.shared_bytes = 1280, .latency_cycles = 5}, 15, "shared memory"},
        {{.fma = 1280, .latency_cycles = 15}, 25, "latency"},
        {{.fma = 1280, .special = 320, .latency_cycles = 5}, 35, "special functions"},
    };
    for (const Case& c : cases) {
        ModelledTime time = modelled(blocks_of(1, c.work));
        EXPECT_DOUBLE_EQ(time.microseconds, kLaunch + c.clocks) << c.largest;
        EXPECT_EQ(time.bound_by, c.largest);
    }
}

TEST(Model, OnHopperWarpsReach629ThousandthsOfWhatWarpgroupsDo) {
    Target hopper = slow_target();
    hopper.architecture = "sm_90a";
    const Space warps = blocks_of(1, {.tensor_macs = 629}), warpgroups = blocks_of(1, {.warpgroup_macs = 1000});
    const auto time = [&](const Space& space) {
        return modelled_time(space, first(space.model).value(), {}, hopper).microseconds;
    };
    EXPECT_DOUBLE_EQ(time(warps), time(warpgroups));
}

TEST(Model, LoadsFromL2RunBesideTheRest) {
    ModelledTime time = modelled(blocks_of(1, {.fma = 640, .l2_bytes = 320, .latency_cycles = 4}));
    EXPECT_DOUBLE_EQ(time.microseconds, kLaunch + 10);
    EXPECT_EQ(time.bound_by, "L2");
}

TEST(Model, ABlockOfFewWarpsHasOnlyTheirSchedulers) {
    Space space = blocks_of(1, {.fma = 1280});
    space.launch.threads = 64;
    EXPECT_DOUBLE_EQ(modelled(space).microseconds, kLaunch + 20);
}

TEST(Model, StepsAddUp) {
    EXPECT_DOUBLE_EQ(modelled(blocks_of(1, {.steps = 7, .latency_cycles = 10})).microseconds, kLaunch + 70);
}

TEST(Model, ResidentBlocksShareTheUnitsButHideEachOthersLatency) {
    EXPECT_DOUBLE_EQ(modelled(blocks_of(8, {.fma = 1280})).microseconds, kLaunch + 20);
    EXPECT_DOUBLE_EQ(modelled(blocks_of(8, {.latency_cycles = 10})).microseconds, kLaunch + 10);
    EXPECT_EQ(modelled(blocks_of(8, {.latency_cycles = 10})).blocks_per_sm, 2);
}

TEST(Model, ATailWaveIsOnlyAsFullAsItIs) {
    EXPECT_DOUBLE_EQ(modelled(blocks_of(8 + 1, {.fma = 1280})).microseconds, kLaunch + 20 + 10);
    EXPECT_DOUBLE_EQ(modelled(blocks_of(8 + 5, {.fma = 1280})).microseconds, kLaunch + 20 + 20);
    EXPECT_EQ(modelled(blocks_of(8 + 5, {.fma = 1280})).waves, 2);
}

TEST(Model, NothingIsFasterThanDeviceMemory) {
    ModelledTime time = modelled(blocks_of(1, {.fma = 1280, .device_bytes = 50'000}));
    EXPECT_DOUBLE_EQ(time.microseconds, kLaunch + 50);
    EXPECT_EQ(time.bound_by, "device memory");
}

TEST(Model, RegistersOfTheCompilerLowerTheNumberOfResidentBlocks) {
    Space space = blocks_of(8, {.latency_cycles = 10});
    EXPECT_EQ(modelled(space, {.registers = 64}).blocks_per_sm, 1);
    EXPECT_EQ(modelled(space, {.registers = 64}).waves, 2);
}

TEST(Model, WhatDoesNotFitTakesForeverAndNamesTheLimit) {
    ModelledTime time = modelled(blocks_of(1, {}), {.registers = 255});
    EXPECT_TRUE(std::isinf(time.microseconds));
    EXPECT_EQ(time.bound_by, "registers");
}

TEST(Model, AClusterLeavesIdleTheSmsThatItCannotFill) {
    Space space = blocks_of(8, {.fma = 1280});
    space.launch.cluster = 3;  // of 4 SMs one is left over: 6 blocks at a time
    EXPECT_EQ(modelled(space).waves, 2);
}

}  // namespace
}  // namespace warpsmith
