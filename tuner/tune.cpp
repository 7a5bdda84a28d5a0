#include "tuner/tune.hpp"

#include <utility>
#include <vector>

#include "tuner/build_kernels.hpp"
#include "tuner/candidates.hpp"
#include "tuner/measure_candidates.hpp"
#include "tuner/search_candidates.hpp"
#include "tuner/summary.hpp"
#include "tuner/tune_run.hpp"
#include "tuner/verify_promising.hpp"

namespace warpsmith {
namespace {

// Compiles everything; a device with a clock then runs all that compiled and was not run before, in the model's order,
// any other device the most promising.
void try_all(TuneRun& run) {
    std::vector<Candidate*> all;
    for (Candidate& candidate : run.candidates) {
        all.push_back(&candidate);
    }
    run.timed(&TuneReport::compile_s, [&] { build_kernels(run, all); });
    if (run.measures()) {
        std::vector<Candidate*> untried = run.ranked();
        std::erase_if(untried, [](const Candidate* candidate) { return candidate->tried.has_value(); });
        const std::size_t total = untried.size();
        measure_candidates(
            run, [&] { return std::exchange(untried, {}); }, total);
    } else if (run.device) {
        run.timed(&TuneReport::verify_s, [&] { verify_promising(run); });
    }
}

}  // namespace

TuneReport tune(const Family& family, const Workload& workload, const Target& target, const TuneOptions& options,
                const TuneContext& context) {
    TuneRun run(family, workload, target, options, context);
    run.tell(Phase::solve, 0, 1);
    run.timed(&TuneReport::solve_s, [&] {
        find_candidates(run);
        recall_trials(run);
    });
    run.tell(Phase::solve, 1, 1);
    if (run.searches()) {
        search_candidates(run);
    } else {
        try_all(run);
    }
    summarize(run);
    return run.report;
}

}  // namespace warpsmith
