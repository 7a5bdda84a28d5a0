#include "tuner/measure_candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "solver/error.hpp"
#include "tuner/build_kernels.hpp"
#include "tuner/launch_shape.hpp"
#include "tuner/staging.hpp"
#include "tuner/trial_of.hpp"
#include "tuner/verification_case.hpp"

namespace warpsmith {
namespace {

// Launches before the first sample: code, constants and page tables are then where they stay.
constexpr int kWarmUpLaunches = 3;

// A candidate that is so many times slower than the fastest so far while it warms up is not timed any further: the
// noise of a first launch is below that.
constexpr double kHopelesslySlower = 3;

// The run's device with its problems in its memory, shared by all candidates until one of them breaks it.
class TestBench {
  public:
    explicit TestBench(TuneRun& run) : run_(run), cases_(run, affordable_sizes(run)) {}

    Device& device() { return *run_.device; }

    const VerificationCase& case_of(const Candidate& candidate) {
        cases_.prepare(candidate);
        return cases_.case_of(candidate);
    }

    // Of the case it is verified in where that is of full size, else without expected values.
    const Problem& timing_problem(const VerificationCase& verified) {
        if (verified.problem.workload == run_.workload) {
            return verified.problem;
        }
        if (!unverified_) {
            unverified_ = Problem{.workload = run_.workload,
                                  .inputs = run_.family.inputs(run_.workload, run_.options.seed),
                                  .expected = {},
                                  .tolerances = {}};
        }
        return *unverified_;
    }

    Staging& staged(const Problem& problem) {
        return stagings_.try_emplace(&problem, *run_.device, run_.family, problem).first->second;
    }

    // After a fault a GPU refuses everything that is done in the same context.
    void replace_device() {
        stagings_.clear();
        run_.device.reset();
        run_.device = run_.context.make_device();
    }

    double fastest_us = std::numeric_limits<double>::infinity();

  private:
    TuneRun& run_;
    VerificationCases cases_;
    std::optional<Problem> unverified_;
    std::map<const Problem*, Staging> stagings_;
};

// So many, of a usual number, as the effort asks for.
int share(int samples, double effort) {
    return std::max(kWarmUpLaunches, static_cast<int>(std::lround(effort * samples)));
}

void measure(const TuneRun& run, TestBench& bench, Kernel& kernel, const Problem& problem, Trial& trial,
             const LaunchShape& shape, double effort) {
    auto timed = [&](Timing timing, int samples) {
        return bench.device().time(kernel, shape, bench.staged(problem).arguments(), timing, samples);
    };
    trial.samples_us = timed(Timing::cold, kWarmUpLaunches);
    if (std::ranges::min(trial.samples_us) > kHopelesslySlower * bench.fastest_us) {
        trial.note += fmt::format("; timed {} times only, {:.0f} times slower than the fastest so far", kWarmUpLaunches,
                                  std::ranges::min(trial.samples_us) / bench.fastest_us);
    } else {
        trial.samples_us = timed(Timing::cold, share(run.options.cold_samples, effort));
        trial.batch_samples_us = timed(Timing::batch, share(run.options.batch_samples, effort));
    }
    trial.kind = TimeKind::measured;
    trial.median_us = median(trial.samples_us);
    trial.batch_us = median(trial.batch_samples_us);
    bench.fastest_us = std::min(bench.fastest_us, trial.median_us);
}

// What the device refuses with an Error is this candidate's failure: it has served others.
Trial verified_and_measured(TuneRun& run, TestBench& bench, const Candidate& candidate) {
    Trial trial;
    const VerificationCase* at = nullptr;
    run.timed(&TuneReport::verify_s, [&] { at = &bench.case_of(candidate); });
    try {
        std::unique_ptr<Kernel> kernel = bench.device().load(*candidate.kernel);
        run.timed(&TuneReport::verify_s, [&] {
            Staging& staging = bench.staged(at->problem);
            staging.restore();
            const LaunchShape shape = launch_shape(at->space, at->solutions.at(candidate.config.key()));
            trial = trial_of(run, candidate, verify(*kernel, shape, at->problem, staging), at->problem.workload);
        });
        run.report.verified += 1;
        if (trial.outcome == Outcome::ok) {
            run.timed(&TuneReport::measure_s, [&] {
                measure(run, bench, *kernel, bench.timing_problem(*at), trial,
                        launch_shape(run.space, candidate.solution), candidate.effort);
            });
        }
    } catch (const Error& error) {
        trial = trial_of(run, candidate, Verification{.launch = {.error = error.what()}}, run.workload);
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

void measure_candidates(TuneRun& run, const NextCandidates& next, std::size_t total) {
    std::optional<TestBench> bench;
    std::size_t done = 0;
    for (std::vector<Candidate*> batch = next(); !batch.empty(); batch = next()) {
        if (!bench) {
            run.timed(&TuneReport::verify_s, [&] { bench.emplace(run); });
        }
        for (Candidate* candidate : batch) {
            if (run.stopped()) {
                run.report.complete = false;
                return;
            }
            run.report.compiled += fetch_kernel(run, *candidate) ? 1 : 0;
            candidate->tried = verified_and_measured(run, *bench, *candidate);
            candidate->kernel.reset();
            run.record(std::span(&*candidate->tried, 1));
            run.tell(Phase::measure, ++done, std::max(done, total));
        }
    }
}

}  // namespace warpsmith
