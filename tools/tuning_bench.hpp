// Where `tune` compiles and runs candidates: in worker processes, which are this program started again.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "generator/toolkit.hpp"
#include "tools/device_argument.hpp"
#include "tuner/bench.hpp"

namespace warpsmith {

struct TuningBench {
    Workload workload;
    Target target;
    Place place = Place::none;
    Toolkit toolkit;
    std::string kernels;     // folder of the kernel store
    std::uint64_t seed = 1;  // of the inputs
};

std::unique_ptr<Bench> make_tuning_bench(const TuningBench& bench, const std::atomic<bool>& interrupted);

// The only argument of a worker. It is no command: nothing but make_tuning_bench starts one.
inline constexpr std::string_view kWorkerArgument = "--work-for-parent";

[[noreturn]] void serve_tuning_bench();

}  // namespace warpsmith
