// What a test tells the fake CUDA driver to do, and what the fake driver saw.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace warpsmith {

struct FakeDriver {
    // Set by the test.
    std::vector<std::string> gpus = {"NVIDIA H200"};
    std::map<int, int> attributes;       // CUdevice_attribute to its value, 1 where it is not listed
    std::map<std::string, int> results;  // function to the CUresult that it returns, instead of doing anything
    int fault = 0;                       // CUresult of everything that waits, once a kernel was launched
    std::vector<float> elapsed_ms;       // what events tell, one after another; 1 when there are no more
    std::function<void(void** parameters)> kernel;  // what a launch does; device addresses are host addresses

    std::string monitored = "0000:1B:00.0";  // PCI address of the GPU that the management library knows
    unsigned long long throttle_reasons = 0;
    std::size_t processes = 1;  // on the GPU

    void* current = nullptr;  // the context that every thread works in: any number but 0, which is none

    // Seen by the fake driver.
    std::vector<std::string> calls;  // "cuLaunchKernelEx grid=2,3,1 block=128,1,1 smem=0 cluster=1 cooperative"
    int live_allocations = 0;
    int live_modules = 0;
    int live_events = 0;
    int live_contexts = 0;
    int monitors = 0;  // that are open
    bool launched = false;
};

// The name under which the library exports `FakeDriver* fake_driver()`.
inline constexpr const char* kFakeDriverState = "fake_driver";

}  // namespace warpsmith
