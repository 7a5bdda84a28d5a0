#include "tuner/measure_candidates.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "solver/error.hpp"
#include "tuner/build_kernels.hpp"
#include "tuner/launch_shape.hpp"
#include "tuner/staging.hpp"
#include "tuner/trial_of.hpp"

namespace warpsmith {
namespace {

// Launches before the first sample: code, constants and page tables are then where they stay.
constexpr int kWarmUpLaunches = 3;

// The run's device with the problem in its memory, shared by all candidates until one of them breaks it.
class TestBench {
  public:
    explicit TestBench(TuneRun& run) : run_(run), problem_(make_problem(run.family, run.workload, run.options.seed)) {
        staging_.emplace(*run_.device, run_.family, problem_);
    }

    Device& device() { return *run_.device; }
    Staging& staging() { return *staging_; }
    const Problem& problem() const { return problem_; }

    // After a fault a GPU refuses everything that is done in the same context.
    void replace_device() {
        staging_.reset();
        run_.device.reset();
        run_.device = run_.context.make_device();
        staging_.emplace(*run_.device, run_.family, problem_);
    }

  private:
    TuneRun& run_;
    Problem problem_;
    std::optional<Staging> staging_;
};

void measure(const TuneRun& run, TestBench& bench, Kernel& kernel, const LaunchShape& shape, Trial& trial) {
    auto timed = [&](Timing timing, int samples) {
        return bench.device().time(kernel, shape, bench.staging().arguments(), timing, samples);
    };
    timed(Timing::cold, kWarmUpLaunches);
    trial.samples_us = timed(Timing::cold, run.options.cold_samples);
    trial.batch_samples_us = timed(Timing::batch, run.options.batch_samples);
    trial.kind = TimeKind::measured;
    trial.median_us = median(trial.samples_us);
    trial.batch_us = median(trial.batch_samples_us);
}

// What the device refuses with an Error is this candidate's failure: it has served others.
Trial verified_and_measured(TuneRun& run, TestBench& bench, const Candidate& candidate) {
    Trial trial;
    try {
        std::unique_ptr<Kernel> kernel = bench.device().load(*candidate.kernel);
        LaunchShape shape = launch_shape(run.space, candidate.solution);
        run.timed(&TuneReport::verify_s, [&] {
            bench.staging().restore();
            trial = trial_of(run, candidate, verify(*kernel, shape, bench.problem(), bench.staging()));
        });
        run.report.verified += 1;
        if (trial.outcome == Outcome::ok) {
            run.timed(&TuneReport::measure_s, [&] { measure(run, bench, *kernel, shape, trial); });
        }
    } catch (const Error& error) {
        trial = trial_of(run, candidate, Verification{.launch = {.error = error.what()}});
    }
    if (trial.outcome == Outcome::launch_error) {
        bench.replace_device();
    }
    return trial;
}

}  // namespace

double median(std::span<const double> samples) {
    std::vector<double> sorted(samples.begin(), samples.end());
    std::sort(sorted.begin(), sorted.end());
    std::size_t half = sorted.size() / 2;
    if (sorted.empty()) {
        return 0;
    }
    return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

void measure_candidates(TuneRun& run) {
    std::vector<Candidate*> untried = run.ranked();
    std::erase_if(untried, [](const Candidate* candidate) { return candidate->tried.has_value(); });
    if (untried.empty()) {
        return;
    }
    std::optional<TestBench> bench;
    run.timed(&TuneReport::verify_s, [&] { bench.emplace(run); });
    std::size_t done = 0;
    for (Candidate* candidate : untried) {
        if (run.stopped()) {
            run.report.complete = false;
            return;
        }
        run.report.compiled += fetch_kernel(run, *candidate) ? 1 : 0;
        candidate->tried = verified_and_measured(run, *bench, *candidate);
        candidate->kernel.reset();
        run.record(std::span(&*candidate->tried, 1));
        run.tell(Phase::measure, ++done, untried.size());
    }
}

}  // namespace warpsmith
