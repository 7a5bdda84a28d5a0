#include "tuner/candidates.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "solver/error.hpp"
#include "solver/explain.hpp"
#include "solver/search.hpp"
#include "tuner/build_kernels.hpp"

namespace warpsmith {
namespace {

[[noreturn]] void fail_for_want_of_a_configuration(const TuneRun& run) {
    Explanation why = explain(run.space.model);
    std::string limits;
    for (const Conflict& conflict : why.conflicts) {
        limits += fmt::format("{}{} ({})", limits.empty() ? "" : ", and ", conflict.reason, conflict.detail);
    }
    std::string remedy = why.advice.empty() ? "try other sizes or another target" : why.advice.front();
    throw Error(fmt::format("solving {} for {}: no configuration fits, because {}; {}", run.workload.key(),
                            run.target.name, limits, remedy));
}

// By configuration and source digest; of several the last, which is the newest.
using Recorded = std::map<std::pair<std::string, std::string>, Trial>;

Recorded recorded(const TuneRun& run, const Provenance& provenance) {
    Recorded found;
    for (Trial& trial : run.context.db->trials(run.workload, provenance)) {
        std::pair key(trial.config, trial.provenance.source_digest);
        found.insert_or_assign(std::move(key), std::move(trial));
    }
    return found;
}

std::optional<Trial> of(const Recorded& all, const Candidate& candidate) {
    auto found = all.find({candidate.config.key(), candidate.digest});
    return found == all.end() ? std::nullopt : std::optional<Trial>(found->second);
}

// Forgets a failure after which a configuration is tried again, but for the fact.
void forgive(const TuneRun& run, std::optional<Trial>& trial, bool& killed) {
    if (!trial) {
        return;
    }
    const bool first_time = trial->outcome == Outcome::crashed || trial->outcome == Outcome::timed_out;
    if (first_time || (trial->outcome == Outcome::blocked && run.options.retry)) {
        killed = true;
        trial.reset();
    }
}

// The compiler's resources stay true; what the target's limits and the model make of them may have changed since.
void renew_judgement(const TuneRun& run, Candidate& candidate, std::vector<Trial>& renewed) {
    if (!candidate.built || candidate.built->outcome == Outcome::compile_error ||
        candidate.built->outcome == Outcome::blocked) {
        return;
    }
    Trial now = judge_resources(run, candidate, candidate.built->resources);
    if (now.outcome != candidate.built->outcome || now.modelled_us != candidate.built->modelled_us) {
        candidate.built = now;
        renewed.push_back(std::move(now));
    }
    if (run.context.counted) {
        if (candidate.tried && candidate.tried->modelled_us > 0) {
            candidate.modelled.microseconds = candidate.tried->modelled_us;
        }
        return;
    }
    if (candidate.tried && candidate.tried->kind == TimeKind::modelled &&
        candidate.tried->modelled_us != candidate.modelled.microseconds) {
        candidate.tried->modelled_us = candidate.tried->median_us = candidate.modelled.microseconds;
        candidate.tried->recorded_at.clear();
        renewed.push_back(*candidate.tried);
    }
}

}  // namespace

void find_candidates(TuneRun& run) {
    run.space = run.family.space(run.workload, run.target);
    for (Solution& solution : solve(run.space.model)) {
        Config config = to_config(solution, run.space);
        ModelledTime modelled =
            run.context.counted ? ModelledTime{} : modelled_time(run.space, solution, Resources{}, run.target);
        run.candidates.push_back({.config = std::move(config), .solution = std::move(solution), .modelled = modelled});
    }
    if (run.candidates.empty()) {
        fail_for_want_of_a_configuration(run);
    }
    std::stable_sort(run.candidates.begin(), run.candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.modelled.microseconds < b.modelled.microseconds;
    });
    const std::size_t wanted = run.options.limits.trials;
    if (!run.searches() && wanted > 0 && wanted < run.candidates.size()) {
        run.candidates.erase(run.candidates.begin() + static_cast<std::ptrdiff_t>(wanted), run.candidates.end());
    }
    for (Candidate& candidate : run.candidates) {
        Source source = run.context.render
                            ? run.context.render(candidate.config)
                            : render(run.family, run.workload, candidate.config, run.target, run.context.sources);
        candidate.digest = std::move(source.digest);
        candidate.compile_options = fmt::format("{}", fmt::join(source.options, " "));
    }
    run.report.candidates = run.candidates.size();
}

void recall_trials(TuneRun& run) {
    const Candidate& any = run.candidates.front();
    Recorded builds = recorded(run, run.provenance_of_build(any));
    Recorded tries = run.device ? recorded(run, run.provenance_on_device(any)) : Recorded{};
    std::vector<Trial> renewed;
    for (Candidate& candidate : run.candidates) {
        candidate.built = of(builds, candidate);
        candidate.tried = of(tries, candidate);
        forgive(run, candidate.built, candidate.build_killed);
        forgive(run, candidate.tried, candidate.run_killed);
        renew_judgement(run, candidate, renewed);
    }
    if (!renewed.empty()) {
        run.record(renewed);
    }
}

}  // namespace warpsmith
