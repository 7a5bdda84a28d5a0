#include "tuner/build_kernels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "solver/solution.hpp"
#include "templates/occupancy.hpp"
#include "tuner/parallel.hpp"

namespace warpsmith {
namespace {

// The first line of the compiler's log that tells an error, else its first line.
std::string essence(std::string_view log) {
    std::string_view first = log.substr(0, log.find('\n'));
    for (std::string_view rest = log; !rest.empty();) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        if (line.find("error") != std::string_view::npos) {
            return std::string(line);
        }
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return std::string(first);
}

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

Trial compile_failure(const TuneRun& run, const Candidate& candidate, const Compiled& compiled) {
    return {.workload = run.workload,
            .config = candidate.config.key(),
            .provenance = run.provenance_of_build(candidate),
            .outcome = Outcome::compile_error,
            .note = essence(compiled.log)};
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
    candidate.modelled = modelled_time(run.space, candidate.solution, used, run.target);
    trial.modelled_us = candidate.modelled.microseconds;
    if (used.spills()) {
        trial.outcome = Outcome::spills;
        trial.note = fmt::format("{} bytes of registers spilled, {} bytes loaded back", used.spill_store_bytes,
                                 used.spill_load_bytes);
        return trial;
    }
    trial.kind = TimeKind::modelled;
    trial.median_us = trial.modelled_us;
    return trial;
}

bool fetch_kernel(const TuneRun& run, Candidate& candidate) {
    const TuneContext& context = run.context;
    if (candidate.kernel) {
        return false;
    }
    const auto compile = [&] {
        return context.compile(render(run.family, run.workload, candidate.config, run.target, context.sources));
    };
    if (context.store == nullptr) {
        candidate.kernel = compile();
        return true;
    }
    KernelStore::Fetched fetched = context.store->load_or_compile(candidate.digest, context.toolkit, compile);
    candidate.kernel = std::move(fetched.kernel);
    return fetched.compiled;
}

void build_kernels(TuneRun& run, std::span<Candidate* const> candidates) {
    std::vector<Candidate*> missing;
    std::ranges::copy_if(candidates, std::back_inserter(missing),
                         [](const Candidate* candidate) { return !candidate->built; });
    std::vector<char> compiled(missing.size(), 0);  // not bool: threads write neighbours
    std::size_t done = 0;
    auto judge = [&](std::span<const std::size_t> ended) {
        std::vector<Trial> trials;
        for (std::size_t job : ended) {
            Candidate& candidate = *missing[job];
            const Compiled& kernel = *candidate.kernel;
            trials.push_back(kernel.ok ? judge_resources(run, candidate, kernel.resources)
                                       : compile_failure(run, candidate, kernel));
            candidate.built = trials.back();
            run.report.compiled += compiled[job] != 0 ? 1 : 0;
            if (!candidate.runnable()) {
                candidate.kernel.reset();
            }
        }
        run.record(trials);
        done += ended.size();
        run.tell(Phase::compile, done, missing.size());
    };
    bool all = run_parallel({.count = missing.size(),
                             .threads = run.options.jobs,
                             .run = [&](std::size_t job) { compiled[job] = fetch_kernel(run, *missing[job]) ? 1 : 0; },
                             .finished = judge,
                             .stopped = [&] { return run.stopped(); }});
    run.report.complete = run.report.complete && all;
}

}  // namespace warpsmith
