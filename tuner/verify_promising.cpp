#include "tuner/verify_promising.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "tuner/known_right.hpp"
#include "tuner/parallel.hpp"
#include "tuner/trial_of.hpp"

namespace warpsmith {
namespace {

// All of them where only running one tells its time.
std::size_t wanted_of(const TuneRun& run) {
    return run.context.counted ? run.candidates.size()
                               : static_cast<std::size_t>(std::max(run.options.verify_count, 0));
}

// The next candidates that would complete the wanted number if all of them were right.
std::vector<Candidate*> next_batch(TuneRun& run) {
    std::size_t wanted = wanted_of(run);
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

// False when it was stopped before all had been run.
bool verify_batch(TuneRun& run, const std::vector<Candidate*>& batch) {
    for (const Candidate* candidate : batch) {
        learn_from_known_right(run, *candidate);
    }
    std::vector<std::optional<JobResult>> results(batch.size());
    std::size_t done = 0;
    auto keep = [&](std::span<const std::size_t> ended) {
        for (std::size_t job : ended) {
            const std::optional<JobResult>& result = results[job];
            if (!result) {
                continue;
            }
            batch[job]->tried = trial_of(run, *batch[job], *result);
            run.record(std::span(&*batch[job]->tried, 1));
            run.report.compiled += result->compiled ? 1 : 0;
            run.report.verified += 1;
            done += 1;
        }
        const auto right = static_cast<std::size_t>(std::ranges::count_if(run.candidates, &Candidate::right));
        run.tell(Phase::verify, right, wanted_of(run));
    };
    run_parallel({.count = batch.size(),
                  .threads = run.options.jobs,
                  .run =
                      [&](std::size_t job) {
                          results[job] = run.bench->run({.config = batch[job]->config, .most_steps = run.most_steps()});
                          if (results[job]) {
                              run.learn(*results[job]);  // before this thread takes the next
                          }
                      },
                  .finished = keep,
                  .stopped = [&] { return run.stopped(); }});
    return done == batch.size();
}

}  // namespace

void verify_promising(TuneRun& run) {
    for (std::vector<Candidate*> batch = next_batch(run); !batch.empty(); batch = next_batch(run)) {
        if (!verify_batch(run, batch)) {
            run.report.complete = false;
            return;
        }
    }
}

}  // namespace warpsmith
