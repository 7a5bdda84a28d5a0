// warpsmith tune: finds the fastest verified configuration of each workload and records every trial.
#include "tuner/tune.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <span>

#include "cache/kernel_store.hpp"
#include "solver/error.hpp"
#include "solver/search.hpp"
#include "tools/arguments.hpp"
#include "tools/budget.hpp"
#include "tools/command.hpp"
#include "tools/device_argument.hpp"
#include "tools/interrupt.hpp"
#include "tools/own_kernel_argument.hpp"
#include "tools/progress_line.hpp"
#include "tools/ranked_configs.hpp"
#include "tools/recorded.hpp"
#include "tools/replay_report.hpp"
#include "tools/tune_report.hpp"
#include "tools/tuning_bench.hpp"
#include "tools/workload_text.hpp"
#include "tuner/strategies/strategy.hpp"

namespace warpsmith {
namespace {

struct TuneArguments {
    std::vector<std::string> workloads;
    std::string target;
    std::string on = "auto";
    std::string budget;
    std::string patience;
    std::string strategy;
    std::string replay;
    std::string database = "tuning.db";
    std::string toolkit;
    std::uint64_t jobs = 0;
    std::uint64_t seed = 1;
    bool retry = false;
    bool json = false;
};

const char* step_name(Phase phase) {
    switch (phase) {
        case Phase::solve:
            return "solve";
        case Phase::compile:
            return "compile";
        case Phase::verify:
            return "verify";
        case Phase::measure:
            return "measure";
    }
    return "";
}

TuneOptions tune_options(const TuneArguments& arguments, unsigned jobs) {
    if (!arguments.strategy.empty()) {
        find_strategy(arguments.strategy);
    }
    return {.limits = parse_limits(arguments.budget, arguments.patience),
            .strategy = arguments.strategy,
            .jobs = jobs,
            .seed = arguments.seed,
            .retry = arguments.retry,
            .library_version = WARPSMITH_VERSION};
}

// What is tuned: a workload of a family, or a kernel of the user's own.
struct Subject {
    Workload workload;
    std::shared_ptr<const OwnKernel> own = {};  // none where it is of a family
    std::shared_ptr<const Family> family = {};  // of an own kernel

    const Family& of() const { return family ? *family : find_family(workload.family); }
};

// After an interrupt a line for each workload that was not begun, with what the database has of it.
void print_unbegun(std::span<const Subject> subjects, const Target& target, const TuningDb& db) {
    for (const Subject& subject : subjects) {
        const TuneReport report{.workload = subject.workload, .complete = false, .why = "it was not begun"};
        fmt::print("{}", json_line(report, subject.of(), target, db));
    }
}

// Tunes one after another until all are done or Ctrl-C.
int tune_all(const std::vector<Subject>& subjects, const Target& target, const TuneOptions& options,
             const std::function<TuneContext(const Subject&)>& context_of, bool runs, bool json) {
    ProgressLine progress;
    bool all_found = true;
    for (const Subject& subject : subjects) {
        const Workload& workload = subject.workload;
        fmt::print(stderr, "tuning {} of {}: {}\n", &subject - subjects.data() + 1, subjects.size(), workload.key());
        TuneContext context = context_of(subject);
        context.progress = [&](Phase phase, std::size_t done, std::size_t total) {
            progress.show(step_name(phase), done, total);
        };
        const TuneReport report = tune(subject.of(), workload, target, options, context);
        progress.clear();
        fmt::print("{}", json ? json_line(report, subject.of(), target, *context.db)
                              : text(report, subject.of(), target, *context.db));
        std::fflush(stdout);
        all_found = all_found && (report.best.has_value() || !runs);
        if (*context.interrupted) {
            if (json) {
                print_unbegun(std::span(&subject + 1, subjects.data() + subjects.size()), target, *context.db);
            }
            return nothing_found("stopped before the end; everything found so far is in " + context.db->path());
        }
    }
    return all_found ? kDone : kNothingFound;
}

int replay(const TuneArguments& arguments) {
    if (!arguments.workloads.empty()) {
        throw Error("tuning: a WORKLOAD and --replay were given; a recording is its own workload, so give one of them");
    }
    return replay_recording({.file = arguments.replay,
                             .strategy = arguments.strategy,
                             .seed = arguments.seed,
                             .limits = parse_limits(arguments.budget, arguments.patience),
                             .json = arguments.json});
}

std::vector<Subject> chosen_subjects(const TuneArguments& arguments, const Target& target) {
    if (arguments.workloads.empty()) {
        throw Error("tuning: there is no WORKLOAD; give one between quotes, or --replay FILE");
    }
    std::vector<Subject> subjects;
    for (const std::string& text : arguments.workloads) {
        if (!names_own_kernel(text)) {
            subjects.push_back({.workload = read_workload(text)});
            continue;
        }
        std::shared_ptr<const OwnKernel> own = own_kernel_for(text, target);
        const Workload workload = workload_of(*own);
        const auto family = std::make_shared<const Family>(family_of(*own));
        subjects.push_back({.workload = workload, .own = std::move(own), .family = family});
    }
    return subjects;
}

Place place_to_tune(const TuneArguments& arguments, const std::vector<Subject>& subjects, const Target& target) {
    const Place place = chosen_place(arguments.on, target);
    const bool counts = place == Place::emulator &&
                        std::ranges::all_of(subjects, [](const Subject& subject) { return subject.own != nullptr; });
    if (place != Place::gpu && !counts && (!arguments.patience.empty() || !arguments.strategy.empty())) {
        throw Error(
            "tuning: --strategy and --patience are about what to time, and without a GPU nothing is timed; leave them "
            "out, or use --replay FILE");
    }
    return place;
}

int tune_workloads(const TuneArguments& arguments) {
    const std::atomic<bool>& interrupted = watch_for_interrupt();
    const unsigned jobs = chosen_jobs(arguments.jobs);
    const TuneOptions options = tune_options(arguments, jobs);
    const Target target = chosen_target(arguments.target);
    const std::vector<Subject> subjects = chosen_subjects(arguments, target);
    for (const Subject& subject : subjects) {
        const Space space = subject.of().space(subject.workload, target);
        if (!first(space.model)) {
            return nothing_found(nothing_fits(subject.workload, target, space.model));
        }
    }
    TuningDb db(arguments.database);
    const Toolkit toolkit = chosen_toolkit(arguments.toolkit);  // opened by workers only: compilers take signals over
    const KernelStore store(kernel_folder(arguments.database));
    const Place place = place_to_tune(arguments, subjects, target);
    const auto context_of = [&](const Subject& subject) {
        TuningBench bench{.workload = subject.workload,
                          .target = target,
                          .place = place,
                          .toolkit = toolkit,
                          .kernels = store.folder(),
                          .seed = arguments.seed};
        TuneContext context{.toolkit = toolkit.version, .db = &db, .interrupted = &interrupted};
        if (subject.own) {
            bench.own = {.t1_file = subject.own->t1_file, .contents = contents_digest(*subject.own)};
            fmt::print(stderr, "{}", numbered_legend(*subject.own));
            bench.own.reference = find_reference(*subject.own, bench, interrupted);
            context.counted = true;
            context.render = [&](const Config& config) {
                return source_of(*subject.own, config, target, toolkit.include_directory);
            };
        }
        context.make_bench = [bench, &interrupted](const Workload&) { return make_tuning_bench(bench, interrupted); };
        return context;
    };
    return tune_all(subjects, target, options, context_of, place != Place::none, arguments.json);
}

}  // namespace

Command tune_command() {
    auto arguments = std::make_shared<TuneArguments>();
    Argument workloads = workloads_argument(arguments->workloads);
    workloads.required = false;
    return {
        .arguments = {workloads,
                      target_option(arguments->target),
                      on_option(arguments->on, {"auto", "gpu", "emulator", "none"}),
                      {.name = "--budget",
                       .value = &arguments->budget,
                       .meaning = "per workload: a time (60s, 5m) or a number of candidates (200)",
                       .shown = "TIME|N"},
                      {.name = "--patience",
                       .value = &arguments->patience,
                       .meaning = "on a GPU: stop when N candidates in a row gained less than 1 %, or P %",
                       .shown = "N[:P%]"},
                      {.name = "--strategy",
                       .value = &arguments->strategy,
                       .meaning = "on a GPU: in which order candidates are tried (the first where there is a budget)",
                       .shown = strategy_names("|")},
                      {.name = "--replay",
                       .value = &arguments->replay,
                       .meaning = "search recorded results (T4, Kernel Tuner cache) instead of a workload",
                       .shown = "FILE"},
                      database_option(arguments->database),
                      jobs_option(arguments->jobs),
                      {.name = "--seed",
                       .value = &arguments->seed,
                       .meaning = "of the inputs and of the strategy",
                       .shown = "N"},
                      {.name = "--retry",
                       .value = &arguments->retry,
                       .meaning = "try again what is blocked, because it crashed or hung twice"},
                      toolkit_option(arguments->toolkit),
                      {.name = "--json", .value = &arguments->json, .meaning = "print one JSON object per workload"}},
        .notes =
            "auto runs on the GPU where it is the target, else on the emulator; there and with none, times are "
            "modelled.\n"
            "A WORKLOAD can also be the T1 file of a CUDA kernel of your own.\n"
            "Ctrl-C stops and keeps all that was found; the same command again goes on from there.\n"
            "Examples:\n"
            "  warpsmith tune \"lstm T=128 B=16 N=4 D=64 dtype=bf16\" --target h200\n"
            "  warpsmith tune \"scan T=4096 B=8 D=512 dtype=f32\" \"gru T=64 B=8 N=2 D=32 dtype=f16\" --budget 60s\n"
            "  warpsmith tune reduction.json --strategy bayesian --budget 100\n"
            "  warpsmith tune --replay convolution_A100_T4.json.gz --strategy random --seed 7",
        .run = [arguments] { return arguments->replay.empty() ? tune_workloads(*arguments) : replay(*arguments); }};
}

}  // namespace warpsmith
