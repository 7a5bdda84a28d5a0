// What the driver tells of a GPU, as a target.
#include <cuda.h>
#include <gtest/gtest.h>

#include "device/device.hpp"
#include "device/driver_version.hpp"
#include "generator/shared_library.hpp"
#include "solver/error.hpp"
#include "tests/device/fake_driver/fake_driver.hpp"

namespace warpsmith {
namespace {

class LocalTargetTest : public testing::Test {
  protected:
    LocalTargetTest() {
        fake = FakeDriver{};
        fake.attributes = {{CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 9},
                           {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0},
                           {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 132},
                           {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 232448},
                           {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 233472},
                           {CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK, 1024},
                           {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, 65536},
                           {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 2048},
                           {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1024},
                           {CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, 32},
                           {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 62914560},
                           {CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 1980000}};
    }

    const SharedLibrary library{WARPSMITH_FAKE_DRIVER};
    FakeDriver* (*const state)() = library[kFakeDriverState];
    FakeDriver& fake = *state();
};

TEST_F(LocalTargetTest, AKnownProductHasItsNameAndRatesAndTheLimitsOfTheDriver) {
    fake.gpus = {"NVIDIA H200"};
    Target expected = find_target("h200");
    expected.sms = 100;
    expected.clock_hz = 1.98e9;
    fake.attributes[CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT] = 100;
    EXPECT_EQ(to_json(local_target(WARPSMITH_FAKE_DRIVER)), to_json(expected));
}

TEST_F(LocalTargetTest, AProductNameThatGoesOnWithAWordIsThatProduct) {
    fake.gpus = {"NVIDIA H100 80GB HBM3"};
    EXPECT_EQ(local_target(WARPSMITH_FAKE_DRIVER).name, "h100");
}

TEST_F(LocalTargetTest, AnUnknownProductTakesTheRatesOfItsArchitectureUnderAnotherName) {
    fake.gpus = {"NVIDIA H20"};
    const Target target = local_target(WARPSMITH_FAKE_DRIVER);
    EXPECT_EQ(target.name, "nvidia-h20");
    EXPECT_EQ(target.product, "NVIDIA H20");
    EXPECT_EQ(target.architecture, "sm_90a");
    EXPECT_EQ(target.memory_bandwidth, find_target("h100").memory_bandwidth);
}

TEST_F(LocalTargetTest, AnUnknownArchitectureIsAnErrorThatNamesIt) {
    fake.gpus = {"Tesla T4"};
    fake.attributes[CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR] = 7;
    fake.attributes[CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR] = 5;
    try {
        local_target(WARPSMITH_FAKE_DRIVER);
        FAIL() << "expected an Error";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("Tesla T4 (sm_75)"), std::string::npos) << error.what();
    }
}

TEST(DriverVersion, IsReadFromBothKernelModules) {
    EXPECT_EQ(
        driver_version_in("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024"),
        "550.54.15");
    EXPECT_EQ(driver_version_in("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build"),
              "580.65.06");
    EXPECT_EQ(driver_version_in(""), "");
}

}  // namespace
}  // namespace warpsmith
