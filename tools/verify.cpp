// warpsmith verify: runs one configuration and compares every output with the double-precision reference.
#include "tuner/verify.hpp"

#include <fmt/format.h>

#include <memory>

#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/device_argument.hpp"
#include "tools/dump.hpp"
#include "tools/ranked_configs.hpp"
#include "tools/recorded.hpp"
#include "tools/verify_report.hpp"
#include "tools/workload_text.hpp"
#include "tuner/counted_model.hpp"
#include "tuner/launch_shape.hpp"

namespace warpsmith {
namespace {

struct VerifyArguments {
    std::string workload;
    std::string config;
    std::string target;
    std::string database = "tuning.db";
    std::string toolkit;
    std::string on = "auto";
    std::string check = "all";
    std::string dump;
    std::vector<std::string> inputs;
    std::uint64_t seed = 1;
    bool profile = false;
    bool json = false;
};

// The configuration asked for, else the best recorded one, else the first by the model; and which of them it is.
struct ChosenConfig {
    RankedConfig candidate;
    std::string why;
};

std::optional<ChosenConfig> chosen_config(const VerifyArguments& arguments, const Workload& workload,
                                          const Space& space, const Target& target) {
    if (!arguments.config.empty()) {
        return ChosenConfig{ranked_config_of(parse_config(arguments.config), space, target), "as asked"};
    }
    const std::optional<Choice> choice = recorded_best(arguments.database, workload, target);
    if (choice && choice->basis == Basis::exact) {
        return ChosenConfig{ranked_config_of(parse_config(choice->trial.config), space, target),
                            "the best of " + arguments.database};
    }
    std::vector<RankedConfig> candidates = ranked_configs(space, target);
    if (candidates.empty()) {
        return std::nullopt;
    }
    return ChosenConfig{candidates.front(), "the first by the model"};
}

Problem problem_of(const VerifyArguments& arguments, const Family& family, const Workload& workload) {
    if (arguments.inputs.empty()) {
        return make_problem(family, workload, arguments.seed);
    }
    Tensors inputs = family.inputs(workload, arguments.seed);
    replace_inputs(inputs, arguments.inputs);
    return make_problem(family, workload, std::move(inputs));
}

std::unique_ptr<Device> device_for(const VerifyArguments& arguments, const Target& target) {
    return make_device(chosen_place(arguments.on, target),
                       {.checks = arguments.check == "all" ? Checks::all : Checks::none,
                        .seed = arguments.seed,
                        .threads = chosen_jobs(0),
                        .profile = arguments.profile,
                        .target = target});
}

std::int64_t tensor_bytes(const Family& family, const Workload& workload) {
    std::int64_t bytes = 0;
    for (const TensorSpec& spec : family.tensors(workload)) {
        bytes += spec.bytes();
    }
    return bytes;
}

int verify_workload(const VerifyArguments& arguments) {
    const Workload workload = read_workload(arguments.workload);
    const Family& family = find_family(workload.family);
    const Target target = chosen_target(arguments.target);
    const Space space = family.space(workload, target);
    const std::optional<ChosenConfig> chosen = chosen_config(arguments, workload, space, target);
    if (!chosen) {
        return nothing_found(nothing_fits(workload, target, space.model));
    }
    const RankedConfig& candidate = chosen->candidate;
    const Problem problem = problem_of(arguments, family, workload);
    const Compiler compiler(chosen_toolkit(arguments.toolkit));
    const Compiled compiled = compiler.compile(render(family, workload, candidate.config, target));
    if (!compiled.ok) {
        return nothing_found(fmt::format("compiling \"{}\": {}", candidate.config.key(), compiled.log));
    }
    const std::unique_ptr<Device> device = device_for(arguments, target);
    VerifyReport report{.workload = workload,
                        .target = target,
                        .device = device->name(),
                        .config = candidate.config,
                        .why = chosen->why,
                        .verification = verify(*device, family, problem, space, candidate.solution, compiled),
                        .modelled = modelled_time(space, candidate.solution, compiled.resources, target)};
    if (arguments.profile && report.verification.launch.counts) {
        report.modelled_from_counts = modelled_time({.shape = launch_shape(space, candidate.solution),
                                                     .counts = *report.verification.launch.counts,
                                                     .buffer_bytes = tensor_bytes(family, workload)},
                                                    compiled.resources, target);
    }
    fmt::print("{}", arguments.json ? verify_json(report).dump() + "\n" : verify_text(report));
    if (!arguments.dump.empty()) {
        dump(arguments.dump, family, problem, candidate.config, report.verification.computed);
    }
    return report.verification.ok() ? kDone : kNothingFound;
}

}  // namespace

Command verify_command() {
    auto arguments = std::make_shared<VerifyArguments>();
    return {
        .arguments = {workload_argument(arguments->workload),
                      {.name = "--config",
                       .value = &arguments->config,
                       .meaning = "configuration; without it the best of --db, else the first by the model",
                       .shown = "\"NAME=VALUE ...\""},
                      target_option(arguments->target),
                      on_option(arguments->on, {"auto", "gpu", "emulator"}),
                      {.name = "--check",
                       .value = &arguments->check,
                       .meaning = "memory and race checks of the emulator",
                       .choices = {"all", "none"}},
                      {.name = "--seed",
                       .value = &arguments->seed,
                       .meaning = "of the inputs, and of the order in which warps run",
                       .shown = "N"},
                      {.name = "--dump",
                       .value = &arguments->dump,
                       .meaning = "write inputs, outputs and references as .npy, and manifest.json",
                       .shown = "DIR"},
                      {.name = "--input",
                       .value = &arguments->inputs,
                       .meaning = "take an input from a file; may be given several times",
                       .shown = "NAME=FILE.npy"},
                      {.name = "--profile",
                       .value = &arguments->profile,
                       .meaning = "tell what the emulator executed, by class and source line, and the modelled time"},
                      {.name = "--json", .value = &arguments->json, .meaning = "print one JSON object"},
                      database_option(arguments->database),
                      toolkit_option(arguments->toolkit)},
        .notes =
            "Exit code 1 when an output is wrong, the launch fails, or a check finds something.\n"
            "Examples:\n"
            "  warpsmith verify \"scan T=100 B=3 D=48 dtype=f32\" --target h200 --on emulator\n"
            "  warpsmith verify \"lstm T=8 B=4 N=2 D=32 dtype=bf16\" --dump lstm_arrays\n"
            "  warpsmith verify \"lstm T=8 B=4 N=2 D=32 dtype=bf16\" --input x=my_x.npy --check none\n"
            "  warpsmith verify \"attention L=64 B=1 Hq=2 Hkv=1 D=64 dtype=bf16\" --on emulator --profile",
        .run = [arguments] { return verify_workload(*arguments); }};
}

}  // namespace warpsmith
