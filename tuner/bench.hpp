// Where what may crash, hang or run out of memory is done: one configuration is compiled, or run. Values go in, and
// what came of it comes out.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cache/trial.hpp"
#include "templates/family.hpp"
#include "tuner/verification_case.hpp"

namespace warpsmith {

// Where kernels are run.
struct DeviceFacts {
    std::string name;    // as Device::name()
    std::string driver;  // as Device::driver()
    bool measures = false;
    bool operator==(const DeviceFacts&) const = default;
};

// A configuration to run.
struct RunJob {
    Config config;
    Sizes sizes = Sizes::reduced;                                 // at which it is verified
    LaunchShape timed_shape;                                      // at full size, where the device measures
    double effort = 1;                                            // of timing it, as a share of the usual samples
    double fastest_us = std::numeric_limits<double>::infinity();  // of those that were timed before
};

struct JobResult {
    Outcome outcome = Outcome::modelled;  // of a build: modelled where it compiled
    std::string note;
    Resources resources;                   // of a build
    std::vector<double> samples_us;        // of a run, where the device measures
    std::vector<double> batch_samples_us;  //
    double max_error = 0;                  // of a run, as in Trial
    double tolerance = 0;                  //
    bool compiled = false;                 // whether the compiler was called
    double timing_s = 0;                   // of the seconds that a run took, those of timing
    bool operator==(const JobResult&) const = default;
};

// One workload's bench. What is broken about the machine and not about the configuration throws Error. All functions
// may be called from several threads at once, run() where the device does not measure.
class Bench {
  public:
    virtual ~Bench() = default;

    // Nothing where nothing is run.
    virtual std::optional<DeviceFacts> device() = 0;

    // Nothing where an interrupt stopped it before its end.
    virtual std::optional<JobResult> build(const Config& config) = 0;
    virtual std::optional<JobResult> run(const RunJob& job) = 0;
};

}  // namespace warpsmith
