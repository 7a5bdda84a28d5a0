// The conformance program: its processes on a GPU, against a driver that misbehaves.
#include <cuda.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "generator/shared_library.hpp"
#include "tests/conformance/run_case.hpp"
#include "tests/device/fake_driver/fake_driver.hpp"

namespace warpsmith::conformance {
namespace {

// Five cases whose one input is their number; the fake GPU copies inputs to results.
class ConformanceProcesses : public testing::Test {
  protected:
    ConformanceProcesses() {
        fake = FakeDriver{};
        for (std::uint64_t number = 0; number < 5; ++number) {
            cases.push_back({.name = std::to_string(number),
                             .results = {"u32"},
                             .operands = {"u32"},
                             .inputs = {Values(32, number)},
                             .rows = 32});
        }
    }

    // What the GPU does at one case, in place of a copy.
    void misbehave_at(std::uint32_t number, const std::function<void()>& action) {
        fake.kernel = [number, action](void** parameters) {
            const std::uint32_t* input = *static_cast<std::uint32_t**>(parameters[0]);
            if (*input == number) {
                action();
            }
            std::memcpy(*static_cast<void**>(parameters[1]), input, 128);
        };
    }

    // The first value of each case's results, or the error.
    std::vector<std::string> told(unsigned processes) const {
        std::vector<std::string> texts;
        for (const Answer& answer :
             run_on_gpu(cases, {.processes = processes, .case_seconds = 1, .driver = WARPSMITH_FAKE_DRIVER})) {
            texts.push_back(answer.error.empty() ? std::to_string(std::to_integer<int>(answer.bytes.at(0)))
                                                 : answer.error);
        }
        return texts;
    }

    const SharedLibrary library{WARPSMITH_FAKE_DRIVER};
    FakeDriver* (*const state)() = library[kFakeDriverState];
    FakeDriver& fake = *state();
    std::vector<Case> cases;
};

using Told = std::vector<std::string>;

TEST_F(ConformanceProcesses, EveryCaseIsAnswered) {
    misbehave_at(99, [] {});
    EXPECT_EQ(told(1), (Told{"0", "1", "2", "3", "4"}));
    EXPECT_EQ(told(3), (Told{"0", "1", "2", "3", "4"}));
}

TEST_F(ConformanceProcesses, AKernelThatFaultsFailsAloneAlthoughTheDriverAnswersNothingAfterIt) {
    misbehave_at(2, [this] { fake.fault = CUDA_ERROR_ILLEGAL_ADDRESS; });
    EXPECT_EQ(told(1), (Told{"0", "1", "CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered", "3",
                             "4"}));
}

TEST_F(ConformanceProcesses, AProcessThatDiesFailsOneCase) {
    misbehave_at(1, [] { ::_exit(1); });
    EXPECT_EQ(told(1), (Told{"0", "the process ended without an answer", "2", "3", "4"}));
}

TEST_F(ConformanceProcesses, AKernelThatNeverEndsFailsAlone) {
    misbehave_at(3, [] { ::pause(); });
    EXPECT_EQ(told(1), (Told{"0", "1", "2", "no answer in time", "4"}));
}

TEST_F(ConformanceProcesses, AModuleThatTheDriverRefusesFailsWithTheDriversWords) {
    fake.results["cuModuleLoadData"] = CUDA_ERROR_INVALID_PTX;
    EXPECT_EQ(told(2)[4], "loading a cubin (was it built for this GPU?): CUDA_ERROR_SOME: some error");
}

}  // namespace
}  // namespace warpsmith::conformance
