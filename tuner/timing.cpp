#include "tuner/timing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tuner/samples.hpp"

namespace warpsmith {
namespace {

// Launches before the first sample: code, constants and page tables are then where they stay.
constexpr int kWarmUpLaunches = 3;

// A candidate that is so many times slower than the fastest so far after its second or third launch, or its first, is
// not launched any more: the noise of such launches is below that.
constexpr double kHopelesslySlower = 3, kFarSlower = 10;

// Sampling goes on until the interval of the median is so narrow, or so many times the usual number are taken.
constexpr double kNarrow = 0.02;
constexpr int kMostRounds = 5;

// While others are at work on the GPU, what takes so many times the median was held up by them.
constexpr double kHeldUp = 1.5;

// So many, of a usual number, as the effort asks for.
int share(int samples, double effort) {
    return std::max(kWarmUpLaunches, static_cast<int>(std::lround(effort * samples)));
}

bool steady(const std::vector<double>& samples) {
    const Interval interval = median_interval(samples);
    return interval.high - interval.low <= kNarrow * median(samples);
}

// How many there were.
std::size_t discard_held_up(std::vector<double>& samples) {
    const double limit = kHeldUp * median(samples);
    return std::erase_if(samples, [limit](double sample) { return sample > limit; });
}

// Under which the GPU measured, for the note of a trial.
std::string conditions(const GpuState& state, unsigned others, std::size_t discarded) {
    std::string text = fmt::format("; at {} MHz, memory {} MHz, {} C", state.sm_mhz, state.memory_mhz, state.celsius);
    if (!state.slowed_by.empty()) {
        text += fmt::format(", slowed by {}", fmt::join(state.slowed_by, " and "));
    }
    if (others > 0) {
        text +=
            fmt::format("; {} other processes on the GPU, {} samples discarded that they held up", others, discarded);
    }
    return text;
}

}  // namespace

void time_kernel(const TimingPlan& plan, const RunJob& job, JobResult& result) {
    const auto timed = [&](Timing timing, int samples) {
        return plan.device.time(plan.kernel, job.timed_shape, plan.arguments, timing, samples);
    };
    for (int launch = 1; launch <= kWarmUpLaunches; ++launch) {
        plan.on_stage({Stage::warm_up, 1});
        result.samples_us.push_back(timed(Timing::cold, 1).front());
        const double slower = std::ranges::min(result.samples_us) / job.fastest_us;
        if (slower > (launch == 1 ? kFarSlower : kHopelesslySlower)) {
            result.note +=
                fmt::format("; timed {} times only, {:.0f} times slower than the fastest so far", launch, slower);
            return;
        }
    }
    const int samples = share(plan.cold_samples, job.effort);
    plan.on_stage({Stage::time, samples});
    const std::optional<GpuState> before = plan.device.state();
    result.samples_us = timed(Timing::cold, samples);
    for (int round = 1; round < kMostRounds && job.effort >= 1 && !steady(result.samples_us); ++round) {
        plan.on_stage({Stage::time, plan.cold_samples});
        const std::vector<double> more = timed(Timing::cold, plan.cold_samples);
        result.samples_us.insert(result.samples_us.end(), more.begin(), more.end());
    }
    plan.on_stage(Stage::time);
    result.batch_samples_us = timed(Timing::batch, share(plan.batch_samples, job.effort));
    if (const std::optional<GpuState> after = plan.device.state(); before && after) {
        const unsigned others = std::max(before->other_processes, after->other_processes);
        const std::size_t discarded = others > 0 ? discard_held_up(result.samples_us) : 0;
        result.note += conditions(*after, others, discarded);
    }
}

}  // namespace warpsmith
