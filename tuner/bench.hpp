// Where what may crash, hang or run out of memory is done: one configuration is compiled, or run. Values go in, and
// what came of it comes out.
#pragma once

#include <cstdint>
#include <functional>
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

// What a job is at; told so that each part can have a time limit of its own.
enum class Stage : std::uint8_t { prepare, compile, verify, warm_up, time };

struct StageStart {
    Stage stage = Stage::prepare;
    int launches = 0;  // that come now, one after another; 0 where nothing is known of how long one may take
    StageStart(Stage begun, int then = 0) : stage(begun), launches(then) {}  // implicit: most stages have none
};
using OnStage = std::function<void(const StageStart&)>;

// A configuration to run.
struct RunJob {
    Config config;
    Sizes sizes = Sizes::reduced;                                 // at which it is verified
    LaunchShape timed_shape;                                      // at full size, where the device measures
    double effort = 1;                                            // of timing it, as a share of the usual samples
    double fastest_us = std::numeric_limits<double>::infinity();  // of those that were timed before
    std::uint64_t most_steps = 0;  // of the emulator, after which the launch is given up; 0 is its own limit
};

struct JobResult {
    Outcome outcome = Outcome::modelled;  // of a build: modelled where it compiled
    std::string note;
    Resources resources;                   // of a build
    std::vector<double> samples_us;        // of a run, where the device measures
    std::vector<double> batch_samples_us;  //
    double max_error = 0;                  // of a run, as in Trial
    double tolerance = 0;                  //
    double modelled_us = 0;                // of a run that was modelled from what the emulator counted, else 0,
    std::string bound_by;                  // and what bounds it
    std::uint64_t steps = 0;               // that the emulator took, where it counted
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
