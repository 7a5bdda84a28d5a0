#include "tuner/search_candidates.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <thread>

#include "tuner/build_kernels.hpp"
#include "tuner/measure_candidates.hpp"
#include "tuner/strategies/strategy.hpp"

namespace warpsmith {
namespace {

class Search {
  public:
    explicit Search(TuneRun& run) : run_(run), set_(run.space.model), patience_(run.options.limits) {
        for (Candidate& candidate : run_.candidates) {
            candidates_.emplace(candidate.solution.choices(), &candidate);
        }
        const std::string& name = run_.options.strategy;
        const StrategyEntry& entry = name.empty() ? strategies().front() : find_strategy(name);
        auto modelled = [this](const Choices& choices) { return candidates_.at(choices)->modelled.microseconds; };
        strategy_ = entry.make({.set = set_,
                                .modelled = run_.context.counted ? std::function<double(const Choices&)>() : modelled,
                                .seed = run_.options.seed});
        for (Candidate& candidate : run_.candidates) {
            if (candidate.tried || candidate.failed()) {
                tell(candidate);
            }
        }
    }

    // Compiles what the strategy proposes until some of it can be run.
    std::vector<Candidate*> next() {
        std::vector<Candidate*> runnable;
        while (runnable.empty() && propose()) {
            run_.timed(&TuneReport::compile_s, [&] { build_kernels(run_, proposed_); });
            std::ranges::copy_if(proposed_, std::back_inserter(runnable),
                                 [](const Candidate* candidate) { return candidate->runnable(); });
        }
        return runnable;
    }

  private:
    // Tells the strategy of what it proposed, and asks for more; false when there is no more.
    bool propose() {
        for (const Candidate* candidate : proposed_) {
            tell(*candidate);
        }
        proposed_.clear();
        const std::size_t limit = run_.options.limits.trials;
        std::size_t count =
            run_.options.jobs > 0 ? run_.options.jobs : std::max(std::thread::hardware_concurrency(), 1U);
        count = limit > 0 ? std::min(count, limit - std::min(limit, told_.size())) : count;
        if (run_.stopped()) {
            run_.report.complete = false;
        }
        if (run_.stopped() || count == 0 || patience_.exhausted()) {
            return false;
        }
        for (const Proposal& proposal : strategy_->propose(count)) {
            proposed_.push_back(candidates_.at(proposal.choices));
            proposed_.back()->effort = proposal.effort;
        }
        return !proposed_.empty();
    }

    void tell(const Candidate& candidate) {
        const bool timed = candidate.right() && (candidate.tried->kind == TimeKind::measured || !run_.measures());
        const std::optional<double> time = timed ? std::optional(candidate.tried->median_us) : std::nullopt;
        if (told_.insert(&candidate).second) {  // else it was timed before with less effort
            patience_.tell(time.value_or(std::numeric_limits<double>::infinity()));
        }
        strategy_->tell(candidate.solution.choices(), time);
    }

    TuneRun& run_;
    SolutionSet set_;
    std::map<Choices, Candidate*> candidates_;
    std::unique_ptr<Strategy> strategy_;
    Patience patience_;
    std::set<const Candidate*> told_;
    std::vector<Candidate*> proposed_;
};

}  // namespace

void search_candidates(TuneRun& run) {
    Search search(run);
    const std::size_t limit = run.options.limits.trials;
    const std::size_t all = run.candidates.size();
    measure_candidates(
        run, [&] { return search.next(); }, limit > 0 ? std::min(limit, all) : all);
}

}  // namespace warpsmith
