#include "tuner/own_kernel/own_bench.hpp"

#include <fmt/format.h>

#include <chrono>

#include "cache/solutions_by_config.hpp"
#include "solver/error.hpp"
#include "tuner/counted_model.hpp"
#include "tuner/job_result.hpp"
#include "tuner/own_kernel/output_check.hpp"
#include "tuner/timing.hpp"

namespace warpsmith {
namespace {

using Clock = std::chrono::steady_clock;

std::string description(const LaunchOutcome& outcome) {
    if (!outcome.error.empty()) {
        return outcome.error;
    }
    const Finding& finding = outcome.findings.front();
    return fmt::format("{} at {}:{}: {}", finding.kind, finding.file, finding.line, finding.message);
}

}  // namespace

OwnBench::OwnBench(OwnBenchParts parts) : parts_(std::move(parts)) {}

std::optional<DeviceFacts> OwnBench::device() {
    if (!parts_.make_device) {
        return std::nullopt;
    }
    return facts_of(shared_device());
}

std::optional<JobResult> OwnBench::build(const Config& config) {
    JobResult found;
    JobResult result = result_of_build(compiled(config, found));
    result.compiled = found.compiled;
    return result;
}

std::optional<JobResult> OwnBench::run(const RunJob& job) {
    JobResult found;
    const Compiled kernel = compiled(job.config, found);
    parts_.on_stage(Stage::prepare);
    JobResult result = !kernel.ok                   ? result_of_build(kernel)
                       : shared_device().measures() ? measured(job, kernel)
                                                    : emulated(job, kernel);
    result.compiled = found.compiled;
    return result;
}

Compiled OwnBench::compiled(const Config& config, JobResult& result) {
    const Source source = source_of(*parts_.kernel, config, parts_.target, parts_.toolkit.include_directory);
    KernelStore::Fetched fetched = parts_.store->load_or_compile(source.digest, parts_.toolkit.version, [&] {
        parts_.on_stage(Stage::compile);
        return parts_.compile(source);
    });
    result.compiled = fetched.compiled;
    return std::move(fetched.kernel);
}

const Solution& OwnBench::solution_of(const std::string& config) {
    if (solutions_.empty()) {
        solutions_ = solutions_by_config(parts_.kernel->space);
    }
    return solutions_.at(config);
}

OwnBench::Launched OwnBench::launched(Kernel& kernel, const LaunchShape& shape, OwnMemory& memory) const {
    Launched launched{.outcome = kernel.launch(shape, memory.arguments()), .stray_write = {}, .outputs = {}};
    if (!launched.outcome.ok()) {
        return launched;  // after a fault there is nothing to read
    }
    launched.stray_write = memory.stray_write();
    for (const OutputCheck& check : parts_.kernel->checks) {
        launched.outputs.push_back(memory.read(check.argument));
    }
    return launched;
}

// What the file gives, else what the reference configuration computes, which has been run before: it does not fail.
const std::vector<OwnBench::Contents>& OwnBench::expected() {
    if (expected_) {
        return *expected_;
    }
    const OwnKernel& kernel = *parts_.kernel;
    std::vector<Contents> computed(kernel.checks.size());
    if (kernel.needs_reference() && !parts_.reference.empty()) {
        JobResult ignored;
        const Compiled reference = compiled(parse_config(parts_.reference), ignored);
        parts_.on_stage(Stage::prepare);
        const std::unique_ptr<Device> own = shared_device().measures() ? nullptr : parts_.make_device(0);
        Device& device = own ? *own : shared_device();
        OwnMemory memory(device, kernel, parts_.seed);
        const std::unique_ptr<Kernel> loaded = device.load(reference);
        memory.fill_symbols(*loaded);
        Launched found = launched(*loaded, kernel.shape(solution_of(parts_.reference)), memory);
        if (!found.outcome.ok()) {
            throw Error(fmt::format("running {} for its outputs to be compared with: {}", parts_.reference,
                                    description(found.outcome)));
        }
        computed = std::move(found.outputs);
    }
    for (std::size_t i = 0; i < kernel.checks.size(); ++i) {
        const OutputCheck& check = kernel.checks[i];
        if (check.expected.kind != FillKind::none) {
            computed[i] = contents_of(kernel.arguments[check.argument], check.expected, parts_.seed);
        }
    }
    return expected_.emplace(std::move(computed));
}

void OwnBench::judge(const Launched& launched, JobResult& result) {
    if (!launched.outcome.ok()) {
        result.outcome = Outcome::launch_error;
        result.note = description(launched.outcome);
        return;
    }
    result.outcome = Outcome::ok;
    double worst = -1;
    for (std::size_t i = 0; i < parts_.kernel->checks.size(); ++i) {
        const OutputCheck& check = parts_.kernel->checks[i];
        const OwnArgument& argument = parts_.kernel->arguments[check.argument];
        if (expected()[i].empty()) {
            continue;  // this is to become the reference
        }
        const double off = difference(check, *argument.type, expected()[i], launched.outputs[i]);
        const double share = off == 0 ? 0 : off / check.threshold;
        if (share > worst) {
            worst = share;
            result.max_error = off;
            result.tolerance = check.threshold;
            result.note = fmt::format(
                "{} is off by {:.2g} {}; {:.2g} is allowed; expected is what {}", argument.name, off,
                measure(check.comparison), check.threshold,
                check.expected.kind != FillKind::none ? "the T1 file gives" : "\"" + parts_.reference + "\" computes");
        }
        result.outcome = off <= check.threshold ? result.outcome : Outcome::wrong_result;
    }
    if (!launched.stray_write.empty()) {
        result.outcome = Outcome::wrong_result;
        result.note = launched.stray_write;
    }
}

JobResult OwnBench::emulated(const RunJob& job, const Compiled& compiled) {
    expected();
    const LaunchShape shape = parts_.kernel->shape(solution_of(job.config.key()));
    parts_.on_stage(Stage::verify);
    const std::unique_ptr<Device> device = parts_.make_device(job.most_steps);
    JobResult result;
    try {
        OwnMemory memory(*device, *parts_.kernel, parts_.seed);
        const std::unique_ptr<Kernel> kernel = device->load(compiled);
        memory.fill_symbols(*kernel);
        const Launched found = launched(*kernel, shape, memory);
        judge(found, result);
        result.steps = found.outcome.counts ? found.outcome.counts->all.warps : 0;
        give_up(result, job.most_steps);
        if (result.outcome == Outcome::ok && found.outcome.counts) {
            const ModelledTime time = modelled_time({.shape = shape,
                                                     .counts = *found.outcome.counts,
                                                     .buffer_bytes = static_cast<std::int64_t>(memory.buffer_bytes())},
                                                    compiled.resources, parts_.target);
            result.modelled_us = time.microseconds;
            result.bound_by = time.bound_by;
        }
    } catch (const Error& error) {
        result = {.outcome = Outcome::launch_error, .note = error.what()};
    }
    return result;
}

// What the device refuses with an Error once the data is in its memory is this configuration's failure.
JobResult OwnBench::measured(const RunJob& job, const Compiled& compiled) {
    expected();
    Device& device = shared_device();
    if (!memory_) {
        memory_.emplace(device, *parts_.kernel, parts_.seed);
    }
    JobResult result;
    try {
        parts_.on_stage(Stage::verify);
        const std::unique_ptr<Kernel> kernel = device.load(compiled);
        memory_->fill_symbols(*kernel);
        memory_->restore();
        RunJob timed = job;
        timed.timed_shape = parts_.kernel->shape(solution_of(job.config.key()));
        judge(launched(*kernel, timed.timed_shape, *memory_), result);
        if (result.outcome == Outcome::ok && !parts_.looks_for_reference) {
            memory_->restore();
            const Clock::time_point start = Clock::now();
            time_kernel(
                {.device = device, .kernel = *kernel, .arguments = memory_->arguments(), .on_stage = parts_.on_stage},
                timed, result);
            result.timing_s = std::chrono::duration<double>(Clock::now() - start).count();
        }
    } catch (const Error& error) {
        result = {.outcome = Outcome::launch_error, .note = error.what()};
    }
    if (result.outcome == Outcome::launch_error) {  // after a fault a GPU refuses everything in the same context
        memory_.reset();
        device_.reset();
    }
    return result;
}

Device& OwnBench::shared_device() {
    if (!device_) {
        device_ = parts_.make_device(0);
    }
    return *device_;
}

}  // namespace warpsmith
