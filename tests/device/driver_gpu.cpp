// The path through the CUDA driver, against a driver that records what it is asked.
#include <cuda.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "device/device.hpp"
#include "generator/shared_library.hpp"
#include "solver/error.hpp"
#include "tests/device/fake_driver/fake_driver.hpp"

namespace warpsmith {
namespace {

class GpuTest : public testing::Test {
  protected:
    GpuTest() { fake = FakeDriver{}; }

    // The calls whose function has one of these names.
    std::vector<std::string> calls(std::initializer_list<std::string_view> functions) const {
        std::vector<std::string> found;
        for (const std::string& call : fake.calls) {
            if (std::find(functions.begin(), functions.end(), call.substr(0, call.find(' '))) != functions.end()) {
                found.push_back(call);
            }
        }
        return found;
    }

    static std::string error_of(const std::function<void()>& action) {
        try {
            action();
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    }

    const SharedLibrary library{WARPSMITH_FAKE_DRIVER};
    FakeDriver* (*const state)() = library[kFakeDriverState];
    FakeDriver& fake = *state();
    const Compiled compiled{.ok = true, .cubin = "the cubin", .lowered_name = "_Z4scan"};
};

using Calls = std::vector<std::string>;

TEST_F(GpuTest, StatusTellsTheGpusOfTheDriver) {
    fake.gpus = {"NVIDIA H200", "NVIDIA A100"};
    const GpuStatus status = gpu_status(WARPSMITH_FAKE_DRIVER);
    EXPECT_TRUE(status.usable);
    EXPECT_EQ(status.names, (Calls{"NVIDIA H200", "NVIDIA A100"}));
    EXPECT_EQ(status.message, "NVIDIA H200");
}

TEST_F(GpuTest, TellsItsClocksWhatSlowsThemAndWhoElseIsThere) {
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER, WARPSMITH_FAKE_DRIVER);
    const GpuState quiet = gpu->state().value();
    EXPECT_EQ(quiet.sm_mhz, 1980U);
    EXPECT_EQ(quiet.memory_mhz, 3201U);
    EXPECT_EQ(quiet.celsius, 0U);  // which this library does not tell
    EXPECT_EQ(quiet.other_processes, 0U);
    EXPECT_EQ(quiet.slowed_by, Calls{});
    fake.throttle_reasons = 0x1 | 0x4 | 0x20;  // idle is no reason
    fake.processes = 3;
    EXPECT_EQ(gpu->state().value().slowed_by, (Calls{"the power limit", "its temperature"}));
    EXPECT_EQ(gpu->state().value().other_processes, 2U);
}

TEST_F(GpuTest, HasNoStateWhereNobodyTells) {
    EXPECT_FALSE(make_gpu(WARPSMITH_FAKE_DRIVER, "libnone.so")->state());
    fake.monitored = "0000:1C:00.0";
    EXPECT_FALSE(make_gpu(WARPSMITH_FAKE_DRIVER, WARPSMITH_FAKE_DRIVER)->state());
    fake.monitored = "";
    EXPECT_FALSE(make_gpu(WARPSMITH_FAKE_DRIVER, WARPSMITH_FAKE_DRIVER)->state());
    EXPECT_EQ(fake.monitors, 0);
}

TEST_F(GpuTest, ADriverWithoutAGpuSaysSo) {
    fake.gpus.clear();
    EXPECT_FALSE(gpu_status(WARPSMITH_FAKE_DRIVER).usable);
    EXPECT_EQ(gpu_status(WARPSMITH_FAKE_DRIVER).message, "the NVIDIA driver finds no GPU");
    EXPECT_EQ(error_of([] { make_gpu(WARPSMITH_FAKE_DRIVER); }), "the NVIDIA driver finds no GPU");
}

TEST_F(GpuTest, ADriverThatDoesNotStartTellsItsOwnWords) {
    fake.results["cuInit"] = CUDA_ERROR_NO_DEVICE;
    EXPECT_EQ(gpu_status(WARPSMITH_FAKE_DRIVER).message, "starting the NVIDIA driver: CUDA_ERROR_SOME: some error");
}

TEST_F(GpuTest, MemoryComesBackAsItWasWritten) {
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
    const std::array<std::byte, 3> written = {std::byte{1}, std::byte{2}, std::byte{3}};
    std::array<std::byte, 3> read{};
    const Buffer buffer = gpu->allocate(3);
    gpu->write(buffer, written);
    gpu->read(buffer, read);
    gpu->release(buffer);
    EXPECT_EQ(read, written);
    EXPECT_EQ(fake.live_allocations, 0);
}

TEST_F(GpuTest, MemoryThatRunsOutIsAnError) {
    fake.results["cuMemAlloc"] = CUDA_ERROR_OUT_OF_MEMORY;
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
    EXPECT_EQ(error_of([&] { gpu->allocate(64); }), "allocating 64 bytes on the GPU: CUDA_ERROR_SOME: some error");
}

TEST_F(GpuTest, AKernelGetsItsShapeAndItsParametersInOrder) {
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
    const Buffer buffer = gpu->allocate(4);
    fake.kernel = [](void** parameters) {  // *p = n * x
        auto* p = *static_cast<float**>(parameters[0]);
        *p = static_cast<float>(*static_cast<int*>(parameters[1])) * *static_cast<float*>(parameters[2]);
    };
    const std::vector<KernelArgument> arguments = {buffer, std::int32_t{6}, 1.5F};
    const LaunchOutcome outcome = gpu->load(compiled)->launch({.grid = {2, 3, 4}, .block = {128, 1, 1}}, arguments);
    EXPECT_TRUE(outcome.ok()) << outcome.error;

    std::array<std::byte, 4> bytes{};
    float result = 0;
    gpu->read(buffer, bytes);
    std::memcpy(&result, bytes.data(), sizeof result);
    EXPECT_EQ(result, 9.0F);
    EXPECT_EQ(calls({"cuModuleLoadData", "cuModuleGetFunction", "cuFuncSetAttribute", "cuLaunchKernelEx"}),
              (Calls{"cuModuleLoadData the cubin", "cuModuleGetFunction _Z4scan",
                     "cuLaunchKernelEx grid=2,3,4 block=128,1,1 smem=0 cluster=1"}));
}

TEST_F(GpuTest, LargeSharedMemoryAndLargeClustersAreAskedFor) {
    const std::string smem = std::to_string(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
    const std::string cluster = std::to_string(CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED);
    const std::unique_ptr<Kernel> kernel = make_gpu(WARPSMITH_FAKE_DRIVER)->load(compiled);
    kernel->launch({.cluster = 8, .smem_bytes = 49152}, {});
    kernel->launch({.cluster = 16, .smem_bytes = 49153}, {});
    EXPECT_EQ(calls({"cuFuncSetAttribute", "cuLaunchKernelEx"}),
              (Calls{"cuLaunchKernelEx grid=1,1,1 block=1,1,1 smem=49152 cluster=8",
                     "cuFuncSetAttribute " + smem + "=49153", "cuFuncSetAttribute " + cluster + "=1",
                     "cuLaunchKernelEx grid=1,1,1 block=1,1,1 smem=49153 cluster=16"}));
}

TEST_F(GpuTest, ACooperativeLaunchIsAskedFor) {
    const std::unique_ptr<Kernel> kernel = make_gpu(WARPSMITH_FAKE_DRIVER)->load(compiled);
    kernel->launch({.cooperative = true}, {});
    kernel->launch({.cluster = 2, .cooperative = true}, {});
    EXPECT_EQ(calls({"cuLaunchKernelEx"}),
              (Calls{"cuLaunchKernelEx grid=1,1,1 block=1,1,1 smem=0 cluster=1 cooperative",
                     "cuLaunchKernelEx grid=1,1,1 block=1,1,1 smem=0 cluster=2 cooperative"}));
}

TEST_F(GpuTest, ALaunchThatIsRefusedIsAValueInTheDriversWords) {
    fake.results["cuLaunchKernelEx"] = CUDA_ERROR_INVALID_VALUE;
    const LaunchOutcome outcome = make_gpu(WARPSMITH_FAKE_DRIVER)->load(compiled)->launch({}, {});
    EXPECT_EQ(outcome.error, "CUDA_ERROR_SOME: some error");
}

TEST_F(GpuTest, AFaultIsAValueForItsLaunchAndForEveryLaterOne) {
    fake.fault = CUDA_ERROR_ILLEGAL_ADDRESS;
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
    const Buffer buffer = gpu->allocate(4);
    const std::unique_ptr<Kernel> kernel = gpu->load(compiled);
    const std::string words = "CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered";
    EXPECT_EQ(kernel->launch({}, {}).error, words);
    EXPECT_EQ(kernel->launch({}, {}).error, words);
    std::array<std::byte, 4> bytes{};
    EXPECT_EQ(error_of([&] { gpu->read(buffer, bytes); }), "copying from the GPU: " + words);
    gpu->release(buffer);  // does not throw
}

TEST_F(GpuTest, ACubinThatDoesNotLoadIsAnError) {
    fake.results["cuModuleLoadData"] = CUDA_ERROR_NO_BINARY_FOR_GPU;
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
    EXPECT_EQ(error_of([&] { gpu->load(compiled); }),
              "loading a cubin (was it built for this GPU?): CUDA_ERROR_SOME: some error");
}

TEST_F(GpuTest, ColdTimingClearsTwiceTheL2BeforeEverySample) {
    fake.attributes[CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE] = 500;
    fake.elapsed_ms = {0.25F, 0.5F};
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
    const std::unique_ptr<Kernel> kernel = gpu->load(compiled);
    EXPECT_EQ(gpu->time(*kernel, {}, {}, Timing::cold, 2), (std::vector<double>{250, 500}));
    const std::string launch = "cuLaunchKernelEx grid=1,1,1 block=1,1,1 smem=0 cluster=1";
    EXPECT_EQ(calls({"cuMemsetD8Async", "cuEventRecord", "cuLaunchKernelEx"}),
              (Calls{launch, "cuMemsetD8Async 1000", "cuEventRecord", launch, "cuEventRecord",  //
                     "cuMemsetD8Async 1000", "cuEventRecord", launch, "cuEventRecord"}));
}

TEST_F(GpuTest, BatchTimingIsTheMeanOfLaunchesThatFollowEachOther) {
    fake.elapsed_ms = {0.125F, 0.5F, 1.0F};  // one launch takes 125 us, so a batch of 500 us has 4
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
    const std::unique_ptr<Kernel> kernel = gpu->load(compiled);
    EXPECT_EQ(gpu->time(*kernel, {}, {}, Timing::batch, 2), (std::vector<double>{125, 250}));
    EXPECT_EQ(calls({"cuLaunchKernelEx"}).size(), 1U + 1U + 4U + 4U);
    EXPECT_TRUE(calls({"cuMemsetD8Async"}).empty());
}

TEST_F(GpuTest, AKernelThatFaultsWhileItIsTimedIsAnError) {
    fake.fault = CUDA_ERROR_ILLEGAL_ADDRESS;
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
    const std::unique_ptr<Kernel> kernel = gpu->load(compiled);
    EXPECT_THROW(gpu->time(*kernel, {}, {}, Timing::cold, 2), Error);
    EXPECT_THROW(gpu->time(*kernel, {}, {}, Timing::batch, 2), Error);
}

TEST_F(GpuTest, EverythingThatWasOpenedIsClosed) {
    {
        const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
        const std::unique_ptr<Kernel> kernel = gpu->load(compiled);
        gpu->allocate(16);
        gpu->time(*kernel, {}, {}, Timing::cold, 1);
        EXPECT_EQ(fake.live_contexts, 1);
        EXPECT_EQ(fake.live_modules, 1);
    }
    EXPECT_EQ(fake.live_allocations, 0);
    EXPECT_EQ(fake.live_modules, 0);
    EXPECT_EQ(fake.live_events, 0);
    EXPECT_EQ(fake.live_contexts, 0);
}

TEST(Gpu, WithoutADriverSaysThatThereIsNone) {
    const std::string missing = "libcuda-which-is-not-here.so.1";
    const std::string message = missing + " was not found: no NVIDIA driver on this machine";
    EXPECT_FALSE(gpu_status(missing).usable);
    EXPECT_EQ(gpu_status(missing).message, message);
    try {
        make_gpu(missing);
        FAIL() << "expected an Error";
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()), message);
    }
    EXPECT_THROW(local_target(missing), Error);
}

TEST_F(GpuTest, ATensorMapIsMadeByTheDriver) {
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
    TensorTile tile{.address = 4096,
                    .dims = {64, 32},
                    .stride_bytes = {128},
                    .box = {64, 8},
                    .step = {1, 2, 1, 1, 1},
                    .rank = 2,
                    .element = TensorElement::bf16,
                    .swizzle = Swizzle::span_128};
    const ByValue map = gpu->encode_tensor_map(tile);
    std::array<std::uint64_t, 4> words;
    ASSERT_EQ(map.bytes.size(), 128U);
    std::memcpy(words.data(), map.bytes.data(), sizeof words);
    EXPECT_EQ(words,
              (std::array<std::uint64_t, 4>{CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 2, 4096, CU_TENSOR_MAP_SWIZZLE_128B}));
    EXPECT_EQ(calls({"cuTensorMapEncodeTiled"}),
              (Calls{"cuTensorMapEncodeTiled dims=64,32,0 stride=128 box=64,8,0 steps=1,2,0"}));
    tile.box[1] = 257;
    EXPECT_NE(error_of([&] { gpu->encode_tensor_map(tile); }).find("1 to 256"), std::string::npos);
}

TEST_F(GpuTest, ATensorMapForIm2colIsMadeByTheDriverWithItsCorners) {
    const std::unique_ptr<Device> gpu = make_gpu(WARPSMITH_FAKE_DRIVER);
    const TensorTile tile{.address = 4096,
                          .dims = {64, 9, 7, 2},
                          .stride_bytes = {128, 1152, 8064},
                          .box = {32, 1024},
                          .step = {1, 2, 3, 1, 1},
                          .rank = 4,
                          .element = TensorElement::f16,
                          .mode = TensorMode::im2col,
                          .lower = {-1, -2},
                          .upper = {-3, 4}};
    EXPECT_EQ(gpu->encode_tensor_map(tile).bytes.size(), 128U);
    EXPECT_EQ(calls({"cuTensorMapEncodeIm2col"}),
              (Calls{"cuTensorMapEncodeIm2col dims=64,9,7 stride=128 lower=-1,-2 upper=-3,4 channels=32 pixels=1024 "
                     "steps=1,2,3"}));
}

}  // namespace
}  // namespace warpsmith
