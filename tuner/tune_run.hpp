// What the phases of one tuning run share: the candidates, how far each has come, and the report.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tuner/tune.hpp"

namespace warpsmith {

// One configuration on its way through a run.
struct Candidate {
    Config config;
    Solution solution;
    std::string digest;           // of its source, which is rendered again where it is compiled
    std::string compile_options;  // joined by spaces
    ModelledTime modelled;        // without registers until it is compiled
    std::optional<Trial> built;   // what compiling it came to
    std::optional<Trial> tried;   // what running it came to
    bool build_killed = false;    // whether compiling it ended its process, or was stopped, the last time
    bool run_killed = false;      // likewise running it
    bool timed_now = false;       // by this run
    double effort = 1;            // of timing it, as a share of the usual samples

    bool runnable() const { return built && built->outcome == Outcome::modelled; }
    bool right() const { return tried && tried->outcome == Outcome::ok; }
    bool failed() const { return (built && !runnable()) || (tried && !right()); }
};

class TuneRun {
  public:
    TuneRun(const Family& of, const Workload& asked, const Target& on, const TuneOptions& with, const TuneContext& by);

    const Family& family;
    const Workload& workload;
    const Target& target;
    const TuneOptions& options;
    const TuneContext& context;

    Space space;
    std::vector<Candidate> candidates;  // in the model's order before compiling
    std::unique_ptr<Bench> bench;
    std::optional<DeviceFacts> device;      // of the bench; nothing where nothing is run
    Sizes verified_sizes = Sizes::reduced;  // at which candidates are verified where they are timed, too
    TuneReport report;

    // Of a trial that ran on this run's device, or of one that was only compiled.
    Provenance provenance_on_device(const Candidate& candidate) const;
    Provenance provenance_of_build(const Candidate& candidate) const;

    // Those that compiled and fit, the fastest by the model first, equally fast ones by their configuration.
    std::vector<Candidate*> ranked();

    bool measures() const { return device && device->measures; }

    // Whether running a candidate tells its time, so that a strategy can learn from it.
    bool tells_times() const { return device && (device->measures || context.counted); }

    // Whether a strategy chooses what is compiled and timed; otherwise everything is.
    bool searches() const;

    // How many steps a launch may take on the emulator: many times as many as the longest of a right candidate that
    // this run has seen; 0, no limit of this run's, before there is one. Safe on several threads.
    std::uint64_t most_steps() const;
    void learn(const JobResult& result);
    bool saw_right() const { return saw_right_; }  // whether this run has run a right one

    bool stopped() const;  // interrupted, or out of time
    void record(std::span<const Trial> trials);
    void tell(Phase phase, std::size_t done, std::size_t total) const;

    // Runs a part and adds the seconds that it took, recording excepted, to a field of the report.
    void timed(double TuneReport::*seconds, const std::function<void()>& part);

  private:
    std::chrono::steady_clock::time_point started_;
    std::atomic<std::uint64_t> longest_steps_ = 0;
    std::atomic<bool> saw_right_ = false;
};

}  // namespace warpsmith
