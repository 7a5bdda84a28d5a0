// A bench in this process: what a kernel or a compiler does to it, it does to this process.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "cache/kernel_store.hpp"
#include "generator/source.hpp"
#include "templates/source_files.hpp"
#include "tuner/bench.hpp"
#include "tuner/staging.hpp"

namespace warpsmith {

struct LocalBenchParts {
    const Family* family = nullptr;  // must be given, as what follows up to `compile`
    Workload workload;
    Target target;
    std::function<Compiled(const Source&)> compile;  // called from several threads at once
    std::string toolkit;                             // version of the compiler
    // As compile is; empty where nothing is run. With at most so many steps for a launch on the emulator; 0 is its
    // limit.
    std::function<std::unique_ptr<Device>(std::uint64_t most_steps)> make_device;
    std::optional<KernelStore> store;  // without one, kernels last as long as the bench
    std::span<const SourceFile> sources = source_files();
    std::uint64_t seed = 1;  // of the inputs
    int cold_samples = 20;   // where the device measures: launches timed with a cold L2
    int batch_samples = 10;  // and batches timed of launches back to back
    OnStage on_stage = [](const StageStart&) {};
};

class LocalBench : public Bench {
  public:
    explicit LocalBench(LocalBenchParts parts);

    std::optional<DeviceFacts> device() override;
    std::optional<JobResult> build(const Config& config) override;
    std::optional<JobResult> run(const RunJob& job) override;

  private:
    Compiled kernel_of(const Config& config, JobResult& result);
    JobResult verified(const RunJob& job, const VerificationCase& at, const Compiled& compiled);
    JobResult verified_and_timed(const RunJob& job, const VerificationCase& at, const Compiled& compiled);
    Device& shared_device();
    Staging& staged(const Problem& problem);
    const Problem& timing_problem(const VerificationCase& verified);

    LocalBenchParts parts_;
    VerificationCases cases_;
    std::mutex mutex_;
    std::map<std::string, Compiled> kernels_;  // by source digest, where there is no store
    std::unique_ptr<Device> device_;
    std::optional<Problem> unverified_;  // inputs at full size, where that is too large for a reference
    std::map<const Problem*, Staging> stagings_;
};

}  // namespace warpsmith
