// The state of a GPU at one moment, as far as times measured on it depend on it.
#pragma once

#include <string>
#include <vector>

namespace warpsmith {

struct GpuState {
    unsigned sm_mhz = 0;
    unsigned memory_mhz = 0;
    unsigned celsius = 0;
    std::vector<std::string> slowed_by;  // what holds the clocks down: "the power limit"; not that it is idle
    unsigned other_processes = 0;        // with work on this GPU, besides this one
};

}  // namespace warpsmith
