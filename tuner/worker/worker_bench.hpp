// A bench in other processes: what a kernel or a compiler does to one of them costs the configuration it was working
// on, and nothing else.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tuner/bench.hpp"
#include "tuner/worker/messages.hpp"
#include "tuner/worker/worker_process.hpp"

namespace warpsmith {

// After which a worker is killed. Preparing the data has no limit: that is no configuration's doing, and references of
// large problems take minutes.
struct WorkerLimits {
    double start_s = 60;
    double compile_s = 300;          // ten times what the slowest kernels take on a busy machine
    double first_s = 300;            // each stage of a run, until a configuration was right
    double least_s = 60;             // from then on no stage has less,
    double slower = 10;              // nor less than so many times what the fastest took
    double least_launch_s = 1;       // of launches that are timed, where others were: nor have those less,
    double slower_launch = 10;       // nor less than so many times what as many launches of the fastest take
    std::uint64_t memory_bytes = 0;  // of each worker; 0 is no limit
};

struct WorkerBenchParts {
    WorkerProgram program;
    std::string version;  // of this build: a worker of another is refused
    std::string setup;    // what the workload, the device and so on are, for the worker's own bench
    WorkerLimits limits;
    const std::atomic<bool>* interrupted = nullptr;  // once it is set, workers are killed and jobs end without a result
};

class WorkerBench : public Bench {
  public:
    // Workers are started as they are needed, one for each thread that asks for something at the same time.
    explicit WorkerBench(WorkerBenchParts parts);
    ~WorkerBench() override;

    std::optional<DeviceFacts> device() override;
    std::optional<JobResult> build(const Config& config) override;
    std::optional<JobResult> run(const RunJob& job) override;

  private:
    struct Worker;
    struct Conversation;

    std::optional<JobResult> perform(Conversation talk, bool runs);
    std::unique_ptr<Worker> take_worker(bool to_run);
    std::unique_ptr<Worker> start_worker() const;
    void give_back(std::unique_ptr<Worker> worker);
    void converse(Worker& worker, Conversation& talk);
    double limit_s(Stage stage, double effort);
    double limit_s(const Conversation& talk);
    void learn(const Conversation& talk);
    std::optional<JobResult> failure(Worker& worker, const Conversation& talk);
    bool interrupted() const { return parts_.interrupted != nullptr && parts_.interrupted->load(); }

    WorkerBenchParts parts_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Worker>> idle_;  // those that have run something last
    std::map<Stage, double> fastest_s_;          // of those that were right, by stage, for the whole effort
    std::optional<DeviceFacts> device_;
};

}  // namespace warpsmith
