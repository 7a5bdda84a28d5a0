#include "tuner/counted_model.hpp"

#include <gtest/gtest.h>

namespace warpsmith {
namespace {

using emulator::Class;

// Ten warps of two blocks that each execute `warps` instructions of a class, and nothing else.
CountedLaunch launch_of(Class kind, std::uint64_t warps) {
    CountedLaunch launch{.shape = {.grid = {2, 1, 1}, .block = {40, 4, 1}}, .counts = {}};
    launch.counts.all.warps = 10 * warps;
    launch.counts.by_class[static_cast<std::size_t>(kind)].warps = 10 * warps;
    return launch;
}

std::int64_t amount(const Expr& expr) {
    Model model;
    model.variable("x", std::vector<std::int64_t>{1});
    return evaluate(expr, first(model).value());
}

TEST(CountedModel, EveryInstructionButThoseOfOtherUnitsTakesATurnOfAScheduler) {
    EXPECT_EQ(amount(counted_work(launch_of(Class::integer, 6)).fma), 6 * 5 * 32);
    EXPECT_EQ(amount(counted_work(launch_of(Class::load_shared, 6)).fma), 6 * 5 * 32);
    EXPECT_EQ(amount(counted_work(launch_of(Class::tensor, 6)).fma), 0);
    EXPECT_EQ(amount(counted_work(launch_of(Class::special, 6)).fma), 0);
    EXPECT_EQ(amount(counted_work(launch_of(Class::special, 6)).special), 6 * 5 * 32);
}

TEST(CountedModel, AWarpWaitsLongerForMemoryThanForArithmetic) {
    const std::int64_t arithmetic = amount(counted_work(launch_of(Class::f32, 600)).latency_cycles);
    const std::int64_t shared = amount(counted_work(launch_of(Class::load_shared, 600)).latency_cycles);
    const std::int64_t global = amount(counted_work(launch_of(Class::load_global, 600)).latency_cycles);
    EXPECT_EQ(arithmetic, 100 * 4);
    EXPECT_EQ(shared, 100 * 29);
    EXPECT_EQ(global, 100 * 263);
}

TEST(CountedModel, MemoryIsCountedBySectorsAndByPassesOverTheBanks) {
    CountedLaunch launch = launch_of(Class::load_global, 1);
    launch.counts.traffic = {.global_bytes = 640, .global_sectors = 100, .shared_wavefronts = 30};
    launch.counts.tensor_macs = 4096;
    const Work work = counted_work(launch);
    EXPECT_EQ(amount(work.l2_bytes), 100 * 32 / 2);
    EXPECT_EQ(amount(work.shared_bytes), 30 * 128 / 2);
    EXPECT_EQ(amount(work.tensor_macs), 4096 / 2);
}

TEST(CountedModel, DeviceMemoryMovesNoMoreThanTheBuffersHave) {
    CountedLaunch launch = launch_of(Class::load_global, 1);
    launch.counts.traffic.global_sectors = 100;
    launch.buffer_bytes = 1000;
    EXPECT_EQ(amount(counted_work(launch).device_bytes), 1000);
    launch.buffer_bytes = 1'000'000;
    EXPECT_EQ(amount(counted_work(launch).device_bytes), 3200);
}

TEST(CountedModel, RegistersAndTheShapeOfTheLaunchDecideHowManyBlocksAreResident) {
    CountedLaunch launch = launch_of(Class::f32, 1000);
    launch.shape = {.grid = {1320, 1, 1}, .block = {1024, 1, 1}};
    const Target target = find_target("h200");
    EXPECT_EQ(modelled_time(launch, {.registers = 32}, target).blocks_per_sm, 2);
    EXPECT_EQ(modelled_time(launch, {.registers = 64}, target).blocks_per_sm, 1);
    EXPECT_EQ(modelled_time(launch, {.registers = 64}, target).waves, 10);
    launch.shape.smem_bytes = 120'000;
    EXPECT_EQ(modelled_time(launch, {.registers = 32}, target).blocks_per_sm, 1);
}

}  // namespace
}  // namespace warpsmith
