#include "tuner/trial_of.hpp"

namespace warpsmith {

Trial trial_of(const TuneRun& run, const Candidate& candidate, const Verification& verification, const Workload& at) {
    Trial trial{.workload = run.workload,
                .config = candidate.config.key(),
                .provenance = run.provenance_on_device(candidate),
                .outcome = Outcome::ok,
                .note = verification.summary(),
                .resources = candidate.built->resources,
                .modelled_us = candidate.modelled.microseconds,
                .verified_on = run.device->measures() ? "gpu" : "emulator"};
    if (at != run.workload) {
        trial.note = "at " + at.key() + ": " + trial.note;
    }
    if (!verification.launch.ok()) {
        trial.outcome = Outcome::launch_error;
    } else if (!verification.ok()) {
        trial.outcome = Outcome::wrong_result;
    }
    if (const OutputError* worst = verification.worst()) {
        trial.max_error = worst->max_error;
        trial.tolerance = worst->tolerance;
    }
    return trial;
}

}  // namespace warpsmith
