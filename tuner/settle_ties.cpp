#include "tuner/settle_ties.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "tuner/launch_shape.hpp"
#include "tuner/samples.hpp"
#include "tuner/trial_of.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kMostContenders = 4;
constexpr int kRounds = 3;
constexpr double kEffort = 0.5;    // of each round
constexpr double kAlmost = 1.005;  // times the fastest: noise between one run and the next

// The fastest first; none where it is alone or nothing is new.
std::vector<Candidate*> contenders(TuneRun& run) {
    std::vector<Candidate*> timed;
    for (Candidate& candidate : run.candidates) {
        if (candidate.right() && candidate.tried->kind == TimeKind::measured) {
            timed.push_back(&candidate);
        }
    }
    std::ranges::sort(timed, [](const Candidate* a, const Candidate* b) {
        return std::tie(a->tried->median_us, a->tried->config) < std::tie(b->tried->median_us, b->tried->config);
    });
    if (timed.empty()) {
        return {};
    }
    const Trial& fastest = *timed.front()->tried;
    const double bound = std::max(median_interval(fastest.samples_us).high, kAlmost * fastest.median_us);
    std::erase_if(timed, [&](const Candidate* candidate) {
        return std::min(median_interval(candidate->tried->samples_us).low, candidate->tried->median_us) > bound;
    });
    timed.resize(std::min(timed.size(), kMostContenders));
    const bool any_new = std::ranges::any_of(timed, [](const Candidate* candidate) { return candidate->timed_now; });
    return timed.size() > 1 && any_new ? timed : std::vector<Candidate*>{};
}

void append(std::vector<double>& samples, const std::vector<double>& more) {
    samples.insert(samples.end(), more.begin(), more.end());
}

}  // namespace

void settle_ties(TuneRun& run) {
    const std::vector<Candidate*> tied = contenders(run);
    std::vector<std::optional<JobResult>> results(tied.size());
    for (int round = 0; round < kRounds; ++round) {
        for (std::size_t i = 0; i < tied.size(); ++i) {
            if (results[i] && results[i]->outcome != Outcome::ok) {
                continue;
            }
            if (run.stopped()) {
                return;  // what was measured before stands
            }
            std::optional<JobResult> result = run.bench->run({.config = tied[i]->config,
                                                              .sizes = run.verified_sizes,
                                                              .timed_shape = launch_shape(run.space, tied[i]->solution),
                                                              .effort = kEffort});
            if (!result) {
                return;
            }
            run.report.measure_s += result->timing_s;
            if (results[i] && result->outcome == Outcome::ok) {
                append(results[i]->samples_us, result->samples_us);
                append(results[i]->batch_samples_us, result->batch_samples_us);
            } else {
                results[i] = std::move(result);
            }
        }
    }
    for (std::size_t i = 0; i < tied.size(); ++i) {
        JobResult& result = *results[i];
        if (result.outcome == Outcome::ok) {
            append(result.samples_us, tied[i]->tried->samples_us);
            append(result.batch_samples_us, tied[i]->tried->batch_samples_us);
            result.note += fmt::format("; timed again, taking turns with {} as fast", tied.size() - 1);
        }
        tied[i]->tried = trial_of(run, *tied[i], result);
        run.record(std::span(&*tied[i]->tried, 1));
    }
}

}  // namespace warpsmith
