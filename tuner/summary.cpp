#include "tuner/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

namespace warpsmith {
namespace {

struct Failure {
    Outcome outcome;
    const char* what;
};

constexpr std::array kFailures = {
    Failure{Outcome::compile_error, "do not compile"},
    Failure{Outcome::does_not_fit, "do not fit"},
    Failure{Outcome::spills, "spill"},
    Failure{Outcome::launch_error, "fault"},
    Failure{Outcome::wrong_result, "compute wrong results"},
    Failure{Outcome::crashed, "end their process"},
    Failure{Outcome::timed_out, "take too long"},
    Failure{Outcome::blocked, "are blocked"},
};

// "; 3 of 48 spill, 1 do not fit", empty when none failed.
std::string failures(const TuneRun& run) {
    std::string text;
    for (const Failure& failure : kFailures) {
        auto count = std::count_if(run.candidates.begin(), run.candidates.end(), [&](const Candidate& candidate) {
            return (candidate.built && candidate.built->outcome == failure.outcome) ||
                   (candidate.tried && candidate.tried->outcome == failure.outcome);
        });
        if (count > 0) {
            text += text.empty() ? fmt::format("; {} of {} {}", count, run.candidates.size(), failure.what)
                                 : fmt::format(", {} {}", count, failure.what);
        }
    }
    return text;
}

std::vector<const Candidate*> right_ones(const TuneRun& run) {
    std::vector<const Candidate*> right;
    for (const Candidate& candidate : run.candidates) {
        if (candidate.runnable() && candidate.right()) {
            right.push_back(&candidate);
        }
    }
    std::sort(right.begin(), right.end(), [](const Candidate* a, const Candidate* b) {
        return std::tie(a->tried->median_us, a->tried->config) < std::tie(b->tried->median_us, b->tried->config);
    });
    return right;
}

std::string lead(const Trial& winner, const Trial& next) {
    double percent = 100 * (next.median_us / winner.median_us - 1);
    return percent < 0.5 ? fmt::format("level with {}", next.config)
                         : fmt::format("{:.0f} % ahead of {}", percent, next.config);
}

// Why there is no winner: what the model would choose, where anything could be run at all.
std::string why_none(TuneRun& run) {
    std::vector<Candidate*> order = run.ranked();
    auto untried = std::find_if(order.begin(), order.end(), [](const Candidate* c) { return !c->tried; });
    if (untried == order.end()) {
        return fmt::format("none of {} candidates is left{}", run.candidates.size(), failures(run));
    }
    const Candidate& first = **untried;
    if (run.context.counted) {
        return "nothing was run, so nothing is known of times" + failures(run);
    }
    return fmt::format("nothing was verified; the model puts {} first: {:.4g} us, bound by {}{}", first.config.key(),
                       first.modelled.microseconds, first.modelled.bound_by, failures(run));
}

}  // namespace

void summarize(TuneRun& run) {
    run.report.failed = static_cast<std::size_t>(std::count_if(
        run.candidates.begin(), run.candidates.end(), [](const Candidate& candidate) { return candidate.failed(); }));
    std::vector<const Candidate*> right = right_ones(run);
    if (right.empty()) {
        run.report.why = why_none(run);
        return;
    }
    const Candidate& winner = *right.front();
    run.report.best = winner.tried;
    run.report.why = fmt::format("{} {:.4g} us", name(winner.tried->kind), winner.tried->median_us);
    if (!winner.modelled.bound_by.empty()) {
        run.report.why += ", bound by " + winner.modelled.bound_by;
    }
    if (right.size() > 1) {
        run.report.why += "; " + lead(*winner.tried, *right[1]->tried);
    }
    run.report.why += failures(run);
}

}  // namespace warpsmith
