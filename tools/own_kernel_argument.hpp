// A T1 file on the command line: a kernel of the user's own in place of a workload.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cache/own_kernel/own_kernel.hpp"
#include "templates/target.hpp"
#include "tools/tuning_bench.hpp"

namespace warpsmith {

// Whether a WORKLOAD is the path of a T1 file: it ends as a JSON file does, or there is a file of this name.
bool names_own_kernel(const std::string& workload);

// With the limits of the target. Throws Error also where no configuration fits.
std::shared_ptr<const OwnKernel> own_kernel_for(const std::string& t1_file, const Target& target);

// " T=float SCALE=0.5": what stands for the positions of a configuration's values that are no whole numbers; empty
// where all are.
std::string numbered_values(const OwnKernel& kernel, const Config& config);

// Likewise all that they can stand for: "T: 0 is double, 1 is float", a line each.
std::string numbered_legend(const OwnKernel& kernel);

// The configuration whose outputs those of the others are compared with: that of the default values, else the first of
// the space, that compiles and runs without a finding. Empty where the file gives all that is expected, or an interrupt
// came. Throws Error when none of the first ones does.
std::string find_reference(const OwnKernel& kernel, TuningBench bench, const std::atomic<bool>& interrupted);

}  // namespace warpsmith
