#include "tuner/known_right.hpp"

#include <algorithm>
#include <optional>

#include "tuner/launch_shape.hpp"

namespace warpsmith {

void learn_from_known_right(TuneRun& run, const Candidate& about_to_run) {
    if (!about_to_run.run_killed || run.saw_right()) {
        return;
    }
    const Candidate* fastest = nullptr;
    for (const Candidate& candidate : run.candidates) {
        if (candidate.runnable() && candidate.right() &&
            (fastest == nullptr || candidate.tried->median_us < fastest->tried->median_us)) {
            fastest = &candidate;
        }
    }
    if (fastest == nullptr) {
        return;
    }
    const std::optional<JobResult> result = run.bench->run({.config = fastest->config,
                                                            .sizes = run.verified_sizes,
                                                            .timed_shape = launch_shape(run.space, fastest->solution)});
    if (result) {
        run.learn(*result);
    }
}

}  // namespace warpsmith
