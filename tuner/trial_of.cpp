#include "tuner/trial_of.hpp"

#include "tuner/samples.hpp"

namespace warpsmith {

JobResult blocked_if_again(JobResult result, bool killed_before) {
    if (killed_before && (result.outcome == Outcome::crashed || result.outcome == Outcome::timed_out)) {
        result.note = "blocked, because it failed so a second time: " + result.note;
        result.outcome = Outcome::blocked;
    }
    return result;
}

Trial trial_of(const TuneRun& run, Candidate& candidate, const JobResult& came_to) {
    if (came_to.modelled_us > 0) {
        candidate.modelled = {.microseconds = came_to.modelled_us, .bound_by = came_to.bound_by};
    }
    const JobResult result = blocked_if_again(came_to, candidate.run_killed);
    Trial trial{.workload = run.workload,
                .config = candidate.config.key(),
                .provenance = run.provenance_on_device(candidate),
                .outcome = result.outcome,
                .note = result.note,
                .resources = candidate.built->resources,
                .modelled_us = run.context.counted ? came_to.modelled_us : candidate.modelled.microseconds,
                .samples_us = result.samples_us,
                .batch_samples_us = result.batch_samples_us,
                .verified_on = run.measures() ? "gpu" : "emulator",
                .max_error = result.max_error,
                .tolerance = result.tolerance};
    if (result.outcome == Outcome::ok) {
        trial.kind = run.measures() ? TimeKind::measured : TimeKind::modelled;
        trial.median_us = run.measures() ? median(trial.samples_us) : trial.modelled_us;
        trial.batch_us = median(trial.batch_samples_us);
    }
    return trial;
}

}  // namespace warpsmith
