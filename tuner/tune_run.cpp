#include "tuner/tune_run.hpp"

#include <algorithm>
#include <tuple>

namespace warpsmith {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Right candidates of one workload execute numbers of instructions that differ by less, as far as seen; one that hangs
// is still noticed within seconds. Of very small launches, that differ by more, at least so many.
constexpr std::uint64_t kMoreSteps = 10, kLeastSteps = 1'000'000;

}  // namespace

TuneRun::TuneRun(const Family& of, const Workload& asked, const Target& on, const TuneOptions& with,
                 const TuneContext& by)
    : family(of), workload(asked), target(on), options(with), context(by), started_(Clock::now()) {
    report.workload = asked;
    bench = context.make_bench(workload);
    device = bench->device();
    report.complete = !stopped();
}

Provenance TuneRun::provenance_of_build(const Candidate& candidate) const {
    return {.target = target.name,
            .architecture = target.architecture,
            .toolkit = context.toolkit,
            .source_digest = candidate.digest,
            .compile_options = candidate.compile_options,
            .library_version = options.library_version};
}

Provenance TuneRun::provenance_on_device(const Candidate& candidate) const {
    Provenance provenance = provenance_of_build(candidate);
    provenance.device = device->name;
    provenance.driver = device->driver;
    return provenance;
}

std::vector<Candidate*> TuneRun::ranked() {
    std::vector<Candidate*> order;
    for (Candidate& candidate : candidates) {
        if (candidate.runnable()) {
            order.push_back(&candidate);
        }
    }
    std::sort(order.begin(), order.end(), [](const Candidate* a, const Candidate* b) {
        return std::tuple(a->modelled.microseconds, a->config.key()) <
               std::tuple(b->modelled.microseconds, b->config.key());
    });
    return order;
}

bool TuneRun::searches() const {
    return tells_times() && (!options.strategy.empty() || options.limits.any());
}

std::uint64_t TuneRun::most_steps() const {
    const std::uint64_t longest = longest_steps_.load();
    return longest == 0 ? 0 : std::max(kLeastSteps, kMoreSteps * longest);
}

void TuneRun::learn(const JobResult& result) {
    saw_right_ = saw_right_ || result.outcome == Outcome::ok;
    std::uint64_t longest = longest_steps_.load();
    while (result.outcome == Outcome::ok && result.steps > longest &&
           !longest_steps_.compare_exchange_weak(longest, result.steps)) {
    }
}

bool TuneRun::stopped() const {
    bool interrupted = context.interrupted != nullptr && context.interrupted->load();
    return interrupted || (options.limits.seconds > 0 && seconds_since(started_) > options.limits.seconds);
}

void TuneRun::record(std::span<const Trial> trials) {
    Clock::time_point start = Clock::now();
    context.db->record(trials);
    report.record_s += seconds_since(start);
}

void TuneRun::tell(Phase phase, std::size_t done, std::size_t total) const {
    if (context.progress) {
        context.progress(phase, done, total);
    }
}

void TuneRun::timed(double TuneReport::*seconds, const std::function<void()>& part) {
    Clock::time_point start = Clock::now();
    double recorded_before = report.record_s;
    part();
    report.*seconds += seconds_since(start) - (report.record_s - recorded_before);
}

}  // namespace warpsmith
