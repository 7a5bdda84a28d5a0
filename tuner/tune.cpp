#include "tuner/tune.hpp"

#include "tuner/build_kernels.hpp"
#include "tuner/candidates.hpp"
#include "tuner/measure_candidates.hpp"
#include "tuner/summary.hpp"
#include "tuner/tune_run.hpp"
#include "tuner/verify_promising.hpp"

namespace warpsmith {

TuneReport tune(const Family& family, const Workload& workload, const Target& target, const TuneOptions& options,
                const TuneContext& context) {
    TuneRun run(family, workload, target, options, context);
    run.tell(Phase::solve, 0, 1);
    run.timed(&TuneReport::solve_s, [&] {
        find_candidates(run);
        recall_trials(run);
    });
    run.tell(Phase::solve, 1, 1);
    run.timed(&TuneReport::compile_s, [&] { build_kernels(run); });
    if (run.device && run.device->measures()) {
        measure_candidates(run);
    } else if (run.device) {
        run.timed(&TuneReport::verify_s, [&] { verify_promising(run); });
    }
    summarize(run);
    return run.report;
}

}  // namespace warpsmith
