#include "templates/occupancy.hpp"

#include <cuda_occupancy.h>
#include <gtest/gtest.h>

#include "solver/search.hpp"

namespace warpsmith {
namespace {

TEST(Occupancy, IsWhatTheDriverOfAnH200Counts) {
    struct Row {
        std::int64_t registers, threads, smem_bytes, blocks;
    };
    constexpr Row kCounted[] = {
        {8, 128, 0, 16},   {8, 1024, 0, 2},     {32, 256, 0, 8},     {40, 256, 6272, 6},
        {64, 512, 0, 2},   {128, 512, 0, 1},    {128, 544, 0, 0},    {254, 256, 0, 1},
        {254, 288, 0, 0},  {96, 640, 0, 1},     {32, 96, 24000, 9},  {8, 64, 76800, 3},
        {8, 64, 76801, 2}, {8, 128, 115712, 2}, {8, 128, 115713, 1}, {8, 32, 232448, 1},
    };
    const Target h200 = find_target("h200");
    for (const Row& row : kCounted) {
        EXPECT_EQ(occupancy(h200, row.threads, row.registers, row.smem_bytes).blocks_per_sm, row.blocks)
            << row.registers << " registers, " << row.threads << " threads, " << row.smem_bytes << " bytes";
    }
}

cudaOccDeviceProp properties_of(const Target& target) {
    const int capability = std::stoi(target.architecture.substr(3));  // of "sm_90a"
    cudaOccDeviceProp properties;
    properties.computeMajor = capability / 10;
    properties.computeMinor = capability % 10;
    properties.maxThreadsPerBlock = static_cast<int>(target.threads_per_block);
    properties.maxThreadsPerMultiprocessor = static_cast<int>(target.threads_per_sm);
    properties.regsPerBlock = static_cast<int>(target.registers_per_sm);
    properties.regsPerMultiprocessor = static_cast<int>(target.registers_per_sm);
    properties.warpSize = kWarpThreads;
    properties.sharedMemPerBlock = 49152;
    properties.sharedMemPerMultiprocessor = static_cast<std::size_t>(target.smem_per_sm);
    properties.numSms = static_cast<int>(target.sms);
    properties.sharedMemPerBlockOptin = static_cast<std::size_t>(target.smem_per_block);
    properties.reservedSharedMemPerBlock = static_cast<std::size_t>(target.smem_reserved_per_block);
    return properties;
}

// By the header that NVIDIA's occupancy calculator is made of. The carveout asks for all shared memory.
int calculated_blocks(const Target& target, int threads, int registers, int smem_bytes) {
    const cudaOccDeviceProp properties = properties_of(target);
    cudaOccFuncAttributes kernel;
    kernel.maxThreadsPerBlock = static_cast<int>(target.threads_per_block);
    kernel.numRegs = registers;
    kernel.sharedSizeBytes = 0;
    kernel.partitionedGCConfig = PARTITIONED_GC_OFF;
    kernel.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
    kernel.maxDynamicSharedSizeBytes = static_cast<std::size_t>(target.smem_per_block);
    kernel.numBlockBarriers = 1;
    cudaOccDeviceState state;
    state.carveoutConfig = SHAREDMEM_CARVEOUT_MAX_SHARED;
    cudaOccResult result;
    const cudaOccError error = cudaOccMaxActiveBlocksPerMultiprocessor(&result, &properties, &kernel, &state, threads,
                                                                       static_cast<std::size_t>(smem_bytes));
    EXPECT_EQ(error, CUDA_OCC_SUCCESS) << target.name << " " << threads << " " << registers << " " << smem_bytes;
    return result.activeBlocksPerMultiprocessor;
}

TEST(Occupancy, IsWhatTheOccupancyCalculatorOfCudaFindsForEveryKnownTarget) {
    std::size_t compared = 0;
    for (const Target& target : known_targets()) {
        for (int threads : {32, 33, 64, 96, 128, 160, 256, 288, 384, 512, 544, 640, 768, 1023, 1024}) {
            for (int registers : {1, 8, 9, 16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 168, 200, 254, 255}) {
                for (int smem_bytes : {0, 1, 127, 128, 1000, 6272, 8192, 24000, 49152, 76800, 76801, 99328}) {
                    ASSERT_EQ(occupancy(target, threads, registers, smem_bytes).blocks_per_sm,
                              calculated_blocks(target, threads, registers, smem_bytes))
                        << target.name << ": " << threads << " threads, " << registers << " registers, " << smem_bytes
                        << " bytes";
                    ++compared;
                }
            }
        }
    }
    EXPECT_EQ(compared, known_targets().size() * 15 * 17 * 12);
}

TEST(Occupancy, OfTheSharedMemoryThatIsAvailableABlockCanUseAllAndNotAByteMore) {
    for (const Target& target : known_targets()) {
        const std::int64_t most = smem_available(target);
        EXPECT_EQ(occupancy(target, 32, 8, most).blocks_per_sm, 1) << target.name;
        EXPECT_EQ(occupancy(target, 32, 8, most + 1).blocks_per_sm, 0) << target.name;
    }
}

TEST(Occupancy, ALimitPerBlockBeyondWhatTheSmHasDoesNotHelp) {
    Target target = find_target("h200");
    target.smem_per_block = 2 * target.smem_per_sm;
    EXPECT_EQ(smem_available(target), 232448);  // 228 KiB less the 1 KiB that the system takes
    EXPECT_EQ(occupancy(target, 32, 8, 232449).blocks_per_sm, 0);
    target.smem_per_sm = 0;
    EXPECT_EQ(smem_available(target), 0);
}

// A block of one warp whose resources are the arguments.
std::size_t resident(std::int64_t threads, std::int64_t registers, std::int64_t smem_bytes) {
    Model model;
    model.variable("threads", {threads});
    require_resident(model, find_target("h200"),
                     {.threads = *model.find("threads"),
                      .registers = registers,
                      .smem_bytes = smem_bytes,
                      .register_reason = "registers fit",
                      .smem_reason = "tiles fit"});
    return count(model);
}

TEST(Occupancy, ASpaceKeepsExactlyTheBlocksThatCanBeResident) {
    EXPECT_EQ(resident(1024, 64, 0), 1U);
    EXPECT_EQ(resident(1024, 65, 0), 0U);
    EXPECT_EQ(resident(1056, 32, 0), 0U);
    EXPECT_EQ(resident(256, 255, 232448), 1U);
    EXPECT_EQ(resident(256, 255, 232449), 0U);
    EXPECT_EQ(resident(288, 255, 0), 0U);
}

TEST(ResidentClusters, AreWhatTheDriverCountsOn132SmsOfHopper) {
    const Target h200 = find_target("h200");
    EXPECT_EQ(resident_clusters(h200, 1, 1), 132);
    EXPECT_EQ(resident_clusters(h200, 2, 1), 66);
    EXPECT_EQ(resident_clusters(h200, 4, 1), 30);  // not 33: the groups of SMs are uneven
    EXPECT_EQ(resident_clusters(h200, 8, 1), 15);
    EXPECT_EQ(resident_clusters(h200, 16, 1), 7);
    EXPECT_EQ(resident_clusters(h200, 8, 2), 30);
}

TEST(ResidentClusters, ThatWereNotCountedAreAsManyAsTheSmsHold) {
    Target target = find_target("h200");
    EXPECT_EQ(resident_clusters(target, 3, 1), 44);
    target.sms = 114;
    EXPECT_EQ(resident_clusters(target, 8, 1), 14);
    EXPECT_EQ(resident_clusters(target, 128, 1), 0);
}

}  // namespace
}  // namespace warpsmith
