// warpsmith emit: tuned kernels as one self-contained CUDA header.
#include "generator/emit.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include "cache/kernel_store.hpp"
#include "generator/compile.hpp"
#include "solver/error.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/recorded.hpp"
#include "tools/workload_text.hpp"

namespace warpsmith {
namespace {

struct EmitArguments {
    std::vector<std::string> workloads;
    std::string output;
    std::string targets;
    std::string database = "tuning.db";
    std::string embed;
    std::string toolkit;
};

std::string provenance_line(const Trial& trial) {
    return fmt::format("{}, {}, toolkit {}, source {}", time_text(trial), error_text(trial), trial.provenance.toolkit,
                       trial.provenance.source_digest);
}

// The file appears whole or not at all.
void write_file(const std::string& path, const std::string& text) {
    const std::string unfinished = path + ".part";
    std::ofstream stream(unfinished);
    stream << text;
    stream.close();
    if (!stream || std::rename(unfinished.c_str(), path.c_str()) != 0) {
        std::remove(unfinished.c_str());
        throw Error("writing " + path + ": it cannot be written; is the folder there, and may you write to it?");
    }
}

std::vector<Target> chosen_targets(const std::string& argument) {
    std::vector<Target> targets;
    std::istringstream names(argument);
    for (std::string name; std::getline(names, name, ',');) {
        targets.push_back(chosen_target(name));
    }
    if (targets.empty()) {
        targets.push_back(chosen_target(""));
    }
    return targets;
}

// The kernel that was tuned, from the store or, where it is not there, compiled again.
Compiled compiled_kernel(const TunedKernel& kernel, const Provenance& provenance, const EmitArguments& arguments) {
    const std::string& digest = provenance.source_digest;
    if (std::optional<Compiled> stored = load_kernel(kernel_folder(arguments.database), digest, provenance.toolkit)) {
        return std::move(*stored);
    }
    const std::string doing = "compiling " + kernel.workload.key() + " " + kernel.config.key() + ": ";
    const Family& family = find_family(kernel.workload.family);
    const Source source = render(family, kernel.workload, kernel.config, kernel.target);
    if (source.digest != digest) {
        throw Error(doing + "it is not in " + kernel_folder(arguments.database) +
                    ", and its source has changed since it was tuned; run warpsmith tune again");
    }
    Compiled compiled = Compiler(chosen_toolkit(arguments.toolkit)).compile(source);
    if (!compiled.ok) {
        throw Error(doing + compiled.log);
    }
    return compiled;
}

// With its image, where the header is to carry one.
TunedKernel tuned_kernel(const Trial& trial, const Workload& workload, const Target& target,
                         const EmitArguments& arguments) {
    TunedKernel kernel{.workload = workload,
                       .config = parse_config(trial.config),
                       .target = target,
                       .provenance = provenance_line(trial)};
    if (!arguments.embed.empty()) {
        Compiled compiled = compiled_kernel(kernel, trial.provenance, arguments);
        kernel.image = std::move(arguments.embed == "ptx" ? compiled.ptx : compiled.cubin);
        kernel.image_entry = compiled.lowered_name;
    }
    return kernel;
}

std::string header_text(const std::vector<TunedKernel>& kernels, const std::string& embed) {
    return embed.empty()
               ? emit_header(kernels, WARPSMITH_VERSION)
               : emit_image_header(kernels, embed == "ptx" ? ImageKind::ptx : ImageKind::cubin, WARPSMITH_VERSION);
}

int emit(const EmitArguments& arguments) {
    std::vector<TunedKernel> kernels;
    std::string names;
    for (const Target& target : chosen_targets(arguments.targets)) {
        for (const std::string& text : arguments.workloads) {
            const Workload workload = read_workload(text);
            const std::optional<Choice> choice = recorded_best(arguments.database, workload, target);
            if (!choice || choice->basis != Basis::exact) {
                return nothing_found(not_tuned(workload.key(), target, arguments.database));
            }
            kernels.push_back(tuned_kernel(choice->trial, workload, target, arguments));
        }
        names += (names.empty() ? "" : ", ") + target.name;
    }
    write_file(arguments.output, header_text(kernels, arguments.embed));
    fmt::print("{}: {} {} for {}\n", arguments.output, kernels.size(), kernels.size() == 1 ? "kernel" : "kernels",
               names);
    return kDone;
}

}  // namespace

Command emit_command() {
    auto arguments = std::make_shared<EmitArguments>();
    return {
        .arguments = {workloads_argument(arguments->workloads),
                      {.name = "-o,--output",
                       .value = &arguments->output,
                       .meaning = "header to write",
                       .shown = "FILE.cuh",
                       .required = true},
                      {.name = "--target",
                       .value = &arguments->targets,
                       .meaning = "GPU to work for; without it the local GPU, else h200; several only with --embed",
                       .shown = "NAME|FILE.json|local[,...]"},
                      {.name = "--embed",
                       .value = &arguments->embed,
                       .meaning = "carry compiled kernels in place of their source",
                       .choices = {"cubin", "ptx"}},
                      toolkit_option(arguments->toolkit),
                      database_option(arguments->database)},
        .notes =
            "The header includes nothing of Warpsmith. Compile it with nvcc -std=c++20; one that carries compiled\n"
            "kernels with any C++17 compiler, and link the CUDA runtime. Such a header may be for several GPUs: its\n"
            "launch picks the row for the current one.\n"
            "Examples:\n"
            "  warpsmith emit \"lstm T=128 B=16 N=4 D=64 dtype=bf16\" --target h200 -o kernels.cuh\n"
            "  warpsmith emit \"scan T=4096 B=8 D=512 dtype=f32\" --target h200,a100 --embed cubin -o scan.hpp",
        .run = [arguments] { return emit(*arguments); }};
}

}  // namespace warpsmith
