#include "tuner/verify_promising.hpp"

#include <algorithm>
#include <vector>

#include "tuner/build_kernels.hpp"
#include "tuner/parallel.hpp"
#include "tuner/trial_of.hpp"
#include "tuner/verification_case.hpp"

namespace warpsmith {
namespace {

// The next candidates that would complete the wanted number if all of them were right.
std::vector<Candidate*> next_batch(TuneRun& run) {
    std::size_t wanted = static_cast<std::size_t>(std::max(run.options.verify_count, 0));
    std::size_t right = 0;
    std::vector<Candidate*> batch;
    for (Candidate* candidate : run.ranked()) {
        if (right + batch.size() >= wanted) {
            break;
        }
        if (!candidate->tried) {
            batch.push_back(candidate);
        }
        right += candidate->right() ? 1 : 0;
    }
    return batch;
}

Trial verified(const TuneRun& run, const Candidate& candidate, const VerificationCase& at) {
    std::unique_ptr<Device> device = run.context.make_device();
    Verification result =
        verify(*device, run.family, at.problem, at.space, at.solutions.at(candidate.config.key()), *candidate.kernel);
    Trial trial = trial_of(run, candidate, result, at.problem.workload);
    if (trial.outcome == Outcome::ok) {
        trial.kind = TimeKind::modelled;
        trial.median_us = trial.modelled_us;
    }
    return trial;
}

// False when it was stopped before all had been run.
bool verify_batch(TuneRun& run, VerificationCases& cases, const std::vector<Candidate*>& batch) {
    for (const Candidate* candidate : batch) {
        cases.prepare(*candidate);
    }
    std::vector<char> compiled(batch.size(), 0);  // not bool: threads write neighbours
    std::vector<Trial> trials(batch.size());
    auto verify_one = [&](std::size_t job) {
        compiled[job] = fetch_kernel(run, *batch[job]) ? 1 : 0;
        trials[job] = verified(run, *batch[job], cases.case_of(*batch[job]));
    };
    auto keep = [&](std::span<const std::size_t> ended) {
        for (std::size_t job : ended) {
            run.record(std::span(&trials[job], 1));
            batch[job]->tried = trials[job];
            run.report.compiled += compiled[job] != 0 ? 1 : 0;
            run.report.verified += 1;
        }
        const std::size_t right =
            static_cast<std::size_t>(std::count_if(run.candidates.begin(), run.candidates.end(),
                                                   [](const Candidate& candidate) { return candidate.right(); }));
        run.tell(Phase::verify, right, static_cast<std::size_t>(run.options.verify_count));
    };
    return run_parallel(
        {.count = batch.size(), .threads = run.options.jobs, .run = verify_one, .finished = keep, .stopped = [&] {
             return run.stopped();
         }});
}

}  // namespace

void verify_promising(TuneRun& run) {
    std::vector<Candidate*> batch = next_batch(run);
    if (batch.empty()) {
        return;
    }
    VerificationCases cases(run, Sizes::reduced);
    for (; !batch.empty(); batch = next_batch(run)) {
        if (!verify_batch(run, cases, batch)) {
            run.report.complete = false;
            return;
        }
    }
}

}  // namespace warpsmith
