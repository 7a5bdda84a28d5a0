#include "tuner/measure_candidates.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <vector>

#include "tuner/known_right.hpp"
#include "tuner/launch_shape.hpp"
#include "tuner/settle_ties.hpp"
#include "tuner/trial_of.hpp"

namespace warpsmith {
namespace {

using Clock = std::chrono::steady_clock;

Sizes affordable_sizes(const TuneRun& run) {
    std::vector<const Solution*> solutions;
    for (const Candidate& candidate : run.candidates) {
        solutions.push_back(&candidate.solution);
    }
    return affordable_sizes(run.family, run.workload, run.space, solutions);
}

double fastest_us(const TuneRun& run) {
    double fastest = std::numeric_limits<double>::infinity();
    for (const Candidate& candidate : run.candidates) {
        if (candidate.right()) {
            fastest = std::min(fastest, candidate.tried->median_us);
        }
    }
    return fastest;
}

// False when an interrupt stopped it before its end.
bool verified_and_timed(TuneRun& run, Candidate& candidate) {
    learn_from_known_right(run, candidate);
    const Clock::time_point start = Clock::now();
    const std::optional<JobResult> result = run.bench->run({.config = candidate.config,
                                                            .sizes = run.verified_sizes,
                                                            .timed_shape = launch_shape(run.space, candidate.solution),
                                                            .effort = candidate.effort,
                                                            .fastest_us = fastest_us(run),
                                                            .most_steps = run.most_steps()});
    if (!result) {
        return false;
    }
    run.learn(*result);
    run.report.measure_s += result->timing_s;
    run.report.verify_s += std::chrono::duration<double>(Clock::now() - start).count() - result->timing_s;
    run.report.compiled += result->compiled ? 1 : 0;
    run.report.verified += 1;
    candidate.tried = trial_of(run, candidate, *result);
    candidate.timed_now = true;
    run.record(std::span(&*candidate.tried, 1));
    return true;
}

}  // namespace

void measure_candidates(TuneRun& run, const NextCandidates& next, std::size_t total) {
    run.verified_sizes = affordable_sizes(run);
    std::size_t done = 0;
    for (std::vector<Candidate*> batch = next(); !batch.empty(); batch = next()) {
        for (Candidate* candidate : batch) {
            if (run.stopped() || !verified_and_timed(run, *candidate)) {
                run.report.complete = false;
                return;
            }
            run.tell(Phase::measure, ++done, std::max(done, total));
        }
    }
    settle_ties(run);
}

}  // namespace warpsmith
