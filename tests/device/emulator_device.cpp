// The emulator as a Device: kernels that NVRTC compiled, run on the CPU.
#include <gtest/gtest.h>

#include <algorithm>

#include "device/device.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr const char* kKernels = R"(#pragma once
template <class T>
__global__ void add_scaled(const T* x, T* y, int n, float factor) {
    int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < n) y[i] += factor * x[i];
}
template <class T>
__global__ void write_one(T* y, int n) {
    y[n] = T(1);  // line 9
}
template <class T>
__global__ void never_ends(volatile T* y) {
    while (y[0] == T(0)) {
    }
}
)";

class EmulatorDeviceTest : public testing::Test {
  protected:
    Compiled compile(const std::string& name_expression) const {
        const Compiler compiler(find_toolkit(built_in_search()));
        Compiled compiled = compiler.compile(
            {.text = "#include \"kernels.cuh\"\n",
             .name_expression = name_expression,
             .options = {"--gpu-architecture=sm_90a", "--std=c++20", "-lineinfo", "--ptxas-options=-v"},
             .headers = {{"kernels.cuh", kKernels}}});
        EXPECT_TRUE(compiled.ok) << compiled.log;
        return compiled;
    }

    static Buffer upload(Device& device, std::span<const float> values) {
        const Buffer buffer = device.allocate(values.size_bytes());
        device.write(buffer, std::as_bytes(values));
        return buffer;
    }
    static std::vector<float> download(Device& device, Buffer buffer) {
        std::vector<float> values(buffer.bytes / sizeof(float));
        device.read(buffer, std::as_writable_bytes(std::span(values)));
        return values;
    }

    const std::unique_ptr<Device> device = make_emulator({});
};

// Of 1,024 threads two blocks fit in each of the 132 SMs of an H200.
TEST_F(EmulatorDeviceTest, ACooperativeGridThatIsNotResidentAllTogetherIsRefused) {
    const Buffer y = upload(*device, std::vector<float>(1));
    const std::unique_ptr<Kernel> kernel = device->load(compile("add_scaled<float>"));
    const std::vector<KernelArgument> arguments = {y, y, std::int32_t{0}, 0.5F};
    LaunchShape shape{.grid = {66, 4, 1}, .block = {512, 2, 1}, .cooperative = true};
    EXPECT_EQ(kernel->launch(shape, arguments).error, "");
    shape.grid = {53, 5, 1};
    const std::string error = kernel->launch(shape, arguments).error;
    EXPECT_NE(error.find("a cooperative grid of 265 blocks, of which the 132 SMs of h200 hold 264 at a time"),
              std::string::npos)
        << error;
    shape.cooperative = false;
    EXPECT_EQ(kernel->launch(shape, arguments).error, "");
    shape = {.grid = {132, 1, 1}, .smem_bytes = 150 * 1024, .cooperative = true};
    EXPECT_EQ(kernel->launch(shape, arguments).error, "");
    shape.grid = {133, 1, 1};
    EXPECT_NE(kernel->launch(shape, arguments).error, "");
}

TEST_F(EmulatorDeviceTest, RunsAKernelWithItsParametersInOrder) {
    const Buffer x = upload(*device, std::vector<float>{1, 2, 3, 4, 5});
    const Buffer y = upload(*device, std::vector<float>{10, 20, 30, 40, 50});
    const std::unique_ptr<Kernel> kernel = device->load(compile("add_scaled<float>"));
    const std::vector<KernelArgument> arguments = {x, y, std::int32_t{4}, 0.5F};
    const LaunchOutcome outcome = kernel->launch({.grid = {2, 1, 1}, .block = {32, 1, 1}}, arguments);
    EXPECT_TRUE(outcome.ok()) << outcome.error;
    EXPECT_EQ(download(*device, y), (std::vector<float>{10.5, 21, 31.5, 42, 50}));
    EXPECT_EQ(download(*device, x), (std::vector<float>{1, 2, 3, 4, 5}));
}

TEST_F(EmulatorDeviceTest, AnAccessOutOfBoundsIsAFindingWithItsPlaceInTheSource) {
    const Buffer y = upload(*device, std::vector<float>{0, 0, 0, 0});
    const std::unique_ptr<Kernel> kernel = device->load(compile("write_one<float>"));
    const LaunchOutcome outcome = kernel->launch({}, std::vector<KernelArgument>{y, std::int32_t{4}});
    EXPECT_FALSE(outcome.ok());
    ASSERT_EQ(outcome.findings.size(), 1U);
    EXPECT_EQ(outcome.findings[0].kind, "out_of_bounds");
    EXPECT_EQ(outcome.findings[0].file, "kernels.cuh");
    EXPECT_EQ(outcome.findings[0].line, 9);
    EXPECT_FALSE(outcome.findings[0].message.empty());
}

TEST_F(EmulatorDeviceTest, AKernelThatNeverEndsIsGivenUpAndThatIsAValue) {
    const std::unique_ptr<Device> patient = make_emulator({.max_steps = 10'000});
    const Buffer y = upload(*patient, std::vector<float>{0});
    const LaunchOutcome outcome =
        patient->load(compile("never_ends<float>"))->launch({}, std::vector<KernelArgument>{y});
    EXPECT_FALSE(outcome.error.empty());
}

TEST_F(EmulatorDeviceTest, ALaunchThatNoGpuTakesIsAValue) {
    const Buffer y = upload(*device, std::vector<float>{0});
    const LaunchOutcome outcome =
        device->load(compile("never_ends<float>"))->launch({.block = {2048, 1, 1}}, std::vector<KernelArgument>{y});
    EXPECT_FALSE(outcome.error.empty());
}

TEST_F(EmulatorDeviceTest, ArgumentsThatAreNotTheKernelsAreAnError) {
    const Buffer y = upload(*device, std::vector<float>{0});
    const std::unique_ptr<Kernel> kernel = device->load(compile("write_one<float>"));
    EXPECT_THROW(kernel->launch({}, std::vector<KernelArgument>{y}), Error);
    EXPECT_THROW(kernel->launch({}, std::vector<KernelArgument>{std::int32_t{0}, y}), Error);
}

TEST_F(EmulatorDeviceTest, AKernelThatThePtxHasNotIsAnError) {
    Compiled compiled = compile("write_one<float>");
    compiled.lowered_name = "write_two";
    EXPECT_THROW(device->load(compiled), Error);
}

TEST_F(EmulatorDeviceTest, DoesNotMeasure) {
    const std::unique_ptr<Kernel> kernel = device->load(compile("write_one<float>"));
    EXPECT_FALSE(device->measures());
    EXPECT_EQ(device->name(), "emulator");
    EXPECT_EQ(device->driver(), "");
    EXPECT_THROW(device->time(*kernel, {}, {}, Timing::cold, 1), Error);
}

TEST_F(EmulatorDeviceTest, MemoryCountsAsItsOwnAndIsGoneAfterRelease) {
    const Buffer buffer = upload(*device, std::vector<float>{1, 2});
    EXPECT_EQ(buffer.bytes, 8U);
    device->release(buffer);
    EXPECT_THROW(download(*device, buffer), Error);
}

}  // namespace
}  // namespace warpsmith
