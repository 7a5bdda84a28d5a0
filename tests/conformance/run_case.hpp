// Runs cases on a device: here, or on a GPU in processes of their own.
#pragma once

#include <span>

#include "device/device.hpp"
#include "tests/conformance/case.hpp"

namespace warpsmith::conformance {

// The results, [result][row] as the kernel stores them, or why there are none in the device's words.
struct Answer {
    std::vector<std::byte> bytes;
    std::string error;
    bool unsupported = false;  // the emulator does not know the instruction
};

Answer run(Device& device, const Case& test);

struct GpuRun {
    unsigned processes = 8;
    int start_seconds = 90;  // a process that opens the GPU may take this long for its first case
    int case_seconds = 10;   // and this long for any other; then the case has failed, and another process goes on
    std::string driver;      // library
};
// [case]. A kernel that faults spoils its process only: another one goes on behind it.
std::vector<Answer> run_on_gpu(const std::vector<Case>& cases, const GpuRun& how);

}  // namespace warpsmith::conformance
