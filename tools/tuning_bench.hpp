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

// Workers read the file again.
struct OwnKernelJob {
    std::string t1_file;   // empty where there is none
    std::string contents;  // digest of the file and the kernel's, which must be the same to a worker
    std::string reference;
    bool looks_for_reference = false;
};

struct TuningBench {
    Workload workload;      // of a family; or
    OwnKernelJob own = {};  // a kernel of the user's own
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
