#include "tuner/local_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "solver/error.hpp"
#include "tuner/job_result.hpp"
#include "tuner/launch_shape.hpp"
#include "tuner/timing.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {
namespace {

using Clock = std::chrono::steady_clock;

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
    return facts_of(shared_device());
}

std::optional<JobResult> LocalBench::build(const Config& config) {
    JobResult found;
    JobResult result = result_of_build(kernel_of(config, found));
    result.compiled = found.compiled;
    return result;
}

std::optional<JobResult> LocalBench::run(const RunJob& job) {
    JobResult found;
    const Compiled compiled = kernel_of(job.config, found);
    parts_.on_stage(Stage::prepare);
    const VerificationCase& at = cases_.case_of(job.config, job.sizes);
    Device& shared = shared_device();
    JobResult result = shared.measures() ? verified_and_timed(job, at, compiled) : verified(job, at, compiled);
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

// Steps tell something of others only where they were verified at the same sizes.
JobResult LocalBench::verified(const RunJob& job, const VerificationCase& at, const Compiled& compiled) {
    const Workload usual = job.sizes == Sizes::reduced ? parts_.family->reduced(parts_.workload) : parts_.workload;
    const bool comparable = at.problem.workload == usual;
    const std::uint64_t most_steps = comparable ? job.most_steps : 0;
    parts_.on_stage(Stage::verify);
    const std::unique_ptr<Device> device = parts_.make_device(most_steps);
    const Verification found =
        verify(*device, *parts_.family, at.problem, at.space, at.solutions.at(job.config.key()), compiled);
    JobResult result = result_of(found);
    result.steps = comparable && found.launch.counts ? found.launch.counts->all.warps : 0;
    give_up(result, most_steps);
    return result;
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
            time_kernel({.device = shared_device(),
                         .kernel = *kernel,
                         .arguments = timed.arguments(),
                         .cold_samples = parts_.cold_samples,
                         .batch_samples = parts_.batch_samples,
                         .on_stage = parts_.on_stage},
                        job, result);
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

// Which facts are asked of, and which all configurations share where it measures, until one of them breaks it.
Device& LocalBench::shared_device() {
    const std::lock_guard lock(mutex_);
    if (!device_) {
        device_ = parts_.make_device(0);
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
