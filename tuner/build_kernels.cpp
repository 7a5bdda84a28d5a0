#include "tuner/build_kernels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "solver/solution.hpp"
#include "templates/occupancy.hpp"
#include "tuner/parallel.hpp"
#include "tuner/trial_of.hpp"

namespace warpsmith {
namespace {

// What keeps even one block from being resident, in one line; empty when nothing does.
std::string exceeded_limit(const TuneRun& run, const Candidate& candidate, const Resources& used) {
    std::int64_t threads = evaluate(run.space.launch.threads, candidate.solution);
    std::int64_t smem = evaluate(run.space.launch.smem_bytes, candidate.solution) + used.static_smem_bytes;
    Occupancy fit = occupancy(run.target, threads, used.registers, smem);
    if (fit.blocks_per_sm > 0) {
        return "";
    }
    return fmt::format("too much for {}, by {}: {} threads of {} registers, {} bytes of shared memory", run.target.name,
                       fit.limited_by, threads, used.registers, smem);
}

Trial judge(const TuneRun& run, Candidate& candidate, const JobResult& built) {
    if (built.outcome == Outcome::modelled) {
        return judge_resources(run, candidate, built.resources);
    }
    return {.workload = run.workload,
            .config = candidate.config.key(),
            .provenance = run.provenance_of_build(candidate),
            .outcome = built.outcome,
            .note = built.note};
}

}  // namespace

Trial judge_resources(const TuneRun& run, Candidate& candidate, const Resources& used) {
    Trial trial{.workload = run.workload,
                .config = candidate.config.key(),
                .provenance = run.provenance_of_build(candidate),
                .resources = used};
    trial.note = exceeded_limit(run, candidate, used);
    if (!trial.note.empty()) {
        trial.outcome = Outcome::does_not_fit;
        return trial;
    }
    if (!run.context.counted) {
        candidate.modelled = modelled_time(run.space, candidate.solution, used, run.target);
        trial.modelled_us = candidate.modelled.microseconds;
    }
    if (used.spills()) {
        trial.outcome = Outcome::spills;
        trial.note = fmt::format("{} bytes of registers spilled, {} bytes loaded back", used.spill_store_bytes,
                                 used.spill_load_bytes);
        return trial;
    }
    trial.kind = run.context.counted ? TimeKind::none : TimeKind::modelled;
    trial.median_us = trial.modelled_us;
    return trial;
}

void build_kernels(TuneRun& run, std::span<Candidate* const> candidates) {
    std::vector<Candidate*> missing;
    std::ranges::copy_if(candidates, std::back_inserter(missing),
                         [](const Candidate* candidate) { return !candidate->built; });
    std::vector<std::optional<JobResult>> results(missing.size());
    std::size_t done = 0;
    auto keep = [&](std::span<const std::size_t> ended) {
        std::vector<Trial> trials;
        for (std::size_t job : ended) {
            if (const std::optional<JobResult>& result = results[job]) {
                trials.push_back(judge(run, *missing[job], blocked_if_again(*result, missing[job]->build_killed)));
                missing[job]->built = trials.back();
                run.report.compiled += result->compiled ? 1 : 0;
                done += 1;
            }
        }
        run.record(trials);
        run.tell(Phase::compile, done, missing.size());
    };
    run_parallel({.count = missing.size(),
                  .threads = run.options.jobs,
                  .run = [&](std::size_t job) { results[job] = run.bench->build(missing[job]->config); },
                  .finished = keep,
                  .stopped = [&] { return run.stopped(); }});
    run.report.complete = run.report.complete && done == missing.size();
}

}  // namespace warpsmith
