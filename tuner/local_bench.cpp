#include "tuner/local_bench.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>

#include "solver/error.hpp"
#include "tuner/launch_shape.hpp"
#include "tuner/samples.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {
namespace {

using Clock = std::chrono::steady_clock;

// Launches before the first sample: code, constants and page tables are then where they stay.
constexpr int kWarmUpLaunches = 3;

// A candidate that is so many times slower than the fastest so far while it warms up is not timed any further: the
// noise of a first launch is below that.
constexpr double kHopelesslySlower = 3;

// Sampling goes on until the interval of the median is so narrow, or so many times the usual number are taken.
constexpr double kNarrow = 0.02;
constexpr int kMostRounds = 5;

// While others are at work on the GPU, what takes so many times the median was held up by them.
constexpr double kHeldUp = 1.5;

// So many, of a usual number, as the effort asks for.
int share(int samples, double effort) {
    return std::max(kWarmUpLaunches, static_cast<int>(std::lround(effort * samples)));
}

// The first line of the compiler's log that tells an error, else its first line.
std::string essence(std::string_view log) {
    std::string_view first = log.substr(0, log.find('\n'));
    for (std::string_view rest = log; !rest.empty();) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        if (line.find("error") != std::string_view::npos) {
            return std::string(line);
        }
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return std::string(first);
}

// Right or wrong, with the numbers.
JobResult result_of(const Verification& verification) {
    JobResult result{.outcome = Outcome::ok, .note = verification.summary()};
    if (!verification.launch.ok()) {
        result.outcome = Outcome::launch_error;
    } else if (!verification.ok()) {
        result.outcome = Outcome::wrong_result;
    }
    if (const OutputError* worst = verification.worst()) {
        result.max_error = worst->max_error;
        result.tolerance = worst->tolerance;
    }
    return result;
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

LaunchShape shape_of(const VerificationCase& at, const Config& config) {
    return launch_shape(at.space, at.solutions.at(config.key()));
}

}  // namespace

LocalBench::LocalBench(LocalBenchParts parts)
    : parts_(std::move(parts)), cases_(*parts_.family, parts_.workload, parts_.target, parts_.seed) {}

std::optional<DeviceFacts> LocalBench::device() {
    if (!parts_.make_device) {
        return std::nullopt;
    }
    Device& device = shared_device();
    return DeviceFacts{.name = device.name(), .driver = device.driver(), .measures = device.measures()};
}

std::optional<JobResult> LocalBench::build(const Config& config) {
    JobResult result;
    const Compiled kernel = kernel_of(config, result);
    result.resources = kernel.resources;
    if (!kernel.ok) {
        result.outcome = Outcome::compile_error;
        result.note = essence(kernel.log);
    }
    return result;
}

std::optional<JobResult> LocalBench::run(const RunJob& job) {
    JobResult found;
    const Compiled compiled = kernel_of(job.config, found);
    parts_.on_stage(Stage::prepare);
    const VerificationCase& at = cases_.case_of(job.config, job.sizes);
    Device& shared = shared_device();
    JobResult result = shared.measures() ? verified_and_timed(job, at, compiled)
                                         : verified(*parts_.make_device(), at, job.config, compiled);
    if (at.problem.workload != parts_.workload) {
        result.note = "at " + at.problem.workload.key() + ": " + result.note;
    }
    result.compiled = found.compiled;
    return result;
}

// The store's, this bench's, or a new one.
Compiled LocalBench::kernel_of(const Config& config, JobResult& result) {
    const Source source = render(*parts_.family, parts_.workload, config, parts_.target, parts_.sources);
    const auto compile = [&] {
        parts_.on_stage(Stage::compile);
        return parts_.compile(source);
    };
    if (parts_.store) {
        KernelStore::Fetched fetched = parts_.store->load_or_compile(source.digest, parts_.toolkit, compile);
        result.compiled = fetched.compiled;
        return std::move(fetched.kernel);
    }
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = kernels_.find(source.digest); known != kernels_.end()) {
            return known->second;
        }
    }
    Compiled compiled = compile();
    result.compiled = true;
    if (compiled.ok) {
        const std::lock_guard lock(mutex_);
        kernels_.emplace(compiled.digest, compiled);
    }
    return compiled;
}

JobResult LocalBench::verified(Device& device, const VerificationCase& at, const Config& config,
                               const Compiled& compiled) {
    parts_.on_stage(Stage::verify);
    return result_of(verify(device, *parts_.family, at.problem, at.space, at.solutions.at(config.key()), compiled));
}

// What the device refuses with an Error once the data is in its memory is this configuration's failure.
JobResult LocalBench::verified_and_timed(const RunJob& job, const VerificationCase& at, const Compiled& compiled) {
    JobResult result;
    Staging& staging = staged(at.problem);
    Staging& timed = staged(timing_problem(at));
    try {
        parts_.on_stage(Stage::verify);
        std::unique_ptr<Kernel> kernel = shared_device().load(compiled);
        staging.restore();
        result = result_of(verify(*kernel, shape_of(at, job.config), at.problem, staging));
        if (result.outcome == Outcome::ok) {
            const Clock::time_point start = Clock::now();
            time(job, *kernel, timed, result);
            result.timing_s = std::chrono::duration<double>(Clock::now() - start).count();
        }
    } catch (const Error& error) {
        result = {.outcome = Outcome::launch_error, .note = error.what()};
    }
    if (result.outcome == Outcome::launch_error) {  // after a fault a GPU refuses everything in the same context
        stagings_.clear();
        device_.reset();  // the next one is made when it is needed, which may be in another process
    }
    return result;
}

void LocalBench::time(const RunJob& job, Kernel& kernel, Staging& staging, JobResult& result) {
    const auto timed = [&](Timing timing, int samples) {
        return shared_device().time(kernel, job.timed_shape, staging.arguments(), timing, samples);
    };
    parts_.on_stage(Stage::warm_up);
    result.samples_us = timed(Timing::cold, kWarmUpLaunches);
    const double fastest_us = std::ranges::min(result.samples_us);
    if (fastest_us > kHopelesslySlower * job.fastest_us) {
        result.note += fmt::format("; timed {} times only, {:.0f} times slower than the fastest so far",
                                   kWarmUpLaunches, fastest_us / job.fastest_us);
        return;
    }
    parts_.on_stage(Stage::time);
    const std::optional<GpuState> before = shared_device().state();
    result.samples_us = timed(Timing::cold, share(parts_.cold_samples, job.effort));
    for (int round = 1; round < kMostRounds && job.effort >= 1 && !steady(result.samples_us); ++round) {
        const std::vector<double> more = timed(Timing::cold, parts_.cold_samples);
        result.samples_us.insert(result.samples_us.end(), more.begin(), more.end());
    }
    result.batch_samples_us = timed(Timing::batch, share(parts_.batch_samples, job.effort));
    if (const std::optional<GpuState> after = shared_device().state(); before && after) {
        const unsigned others = std::max(before->other_processes, after->other_processes);
        const std::size_t discarded = others > 0 ? discard_held_up(result.samples_us) : 0;
        result.note += conditions(*after, others, discarded);
    }
}

// Which facts are asked of, and which all configurations share where it measures, until one of them breaks it.
Device& LocalBench::shared_device() {
    const std::lock_guard lock(mutex_);
    if (!device_) {
        device_ = parts_.make_device();
    }
    return *device_;
}

Staging& LocalBench::staged(const Problem& problem) {
    return stagings_.try_emplace(&problem, shared_device(), *parts_.family, problem).first->second;
}

// Of the case it is verified in where that is of full size, else without expected values.
const Problem& LocalBench::timing_problem(const VerificationCase& verified) {
    if (verified.problem.workload == parts_.workload) {
        return verified.problem;
    }
    if (!unverified_) {
        unverified_ = Problem{.workload = parts_.workload,
                              .inputs = parts_.family->inputs(parts_.workload, parts_.seed),
                              .expected = {},
                              .tolerances = {}};
    }
    return *unverified_;
}

}  // namespace warpsmith
