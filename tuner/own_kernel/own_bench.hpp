// A bench, in this process, for a kernel of the user's own: what it does to its process, it does to this one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/kernel_store.hpp"
#include "generator/toolkit.hpp"
#include "tuner/bench.hpp"
#include "tuner/own_kernel/own_memory.hpp"

namespace warpsmith {

struct OwnBenchParts {
    std::shared_ptr<const OwnKernel> kernel;  // must be given, as what follows up to `store`
    Target target;
    Toolkit toolkit;
    std::function<Compiled(const Source&)> compile;
    // With at most so many steps for a launch; 0 is the device's own limit. One that does not measure checks and
    // profiles. Empty where nothing is run.
    std::function<std::unique_ptr<Device>(std::uint64_t most_steps)> make_device;
    std::optional<KernelStore> store;
    std::string reference;             // the configuration whose outputs others are compared with, where one is needed
    bool looks_for_reference = false;  // then nothing is compared with it, nor timed
    std::uint64_t seed = 1;            // of random values
    OnStage on_stage = [](const StageStart&) {};
};

// Where the device measures, a configuration is timed at what it is verified at; elsewhere its time is modelled from
// what the emulator counted.
class OwnBench : public Bench {
  public:
    explicit OwnBench(OwnBenchParts parts);

    std::optional<DeviceFacts> device() override;
    std::optional<JobResult> build(const Config& config) override;
    std::optional<JobResult> run(const RunJob& job) override;

  private:
    using Contents = std::vector<std::byte>;
    struct Launched {
        LaunchOutcome outcome;
        std::string stray_write;
        std::vector<Contents> outputs;  // one per check
    };

    Compiled compiled(const Config& config, JobResult& result);
    const Solution& solution_of(const std::string& config);
    Launched launched(Kernel& kernel, const LaunchShape& shape, OwnMemory& memory) const;
    const std::vector<Contents>& expected();
    void judge(const Launched& launched, JobResult& result);
    JobResult emulated(const RunJob& job, const Compiled& compiled);
    JobResult measured(const RunJob& job, const Compiled& compiled);
    Device& shared_device();

    OwnBenchParts parts_;
    std::map<std::string, Solution> solutions_;  // by the configuration's text
    std::optional<std::vector<Contents>> expected_;
    std::unique_ptr<Device> device_;
    std::optional<OwnMemory> memory_;  // of a device that measures
};

}  // namespace warpsmith
