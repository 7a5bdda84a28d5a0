// warpsmith emit: tuned kernels as one self-contained CUDA header.
#include "generator/emit.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "solver/error.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/recorded.hpp"

namespace warpsmith {
namespace {

struct EmitArguments {
    std::vector<std::string> workloads;
    std::string output;
    std::string target;
    std::string database = "tuning.db";
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

int emit(const EmitArguments& arguments) {
    const Target target = chosen_target(arguments.target);
    std::vector<TunedKernel> kernels;
    for (const std::string& text : arguments.workloads) {
        const Workload workload = parse_workload(text, families());
        const std::optional<Choice> choice = recorded_best(arguments.database, workload, target);
        if (!choice || choice->basis != Basis::exact) {
            return nothing_found(not_tuned(workload, target, arguments.database));
        }
        kernels.push_back({.workload = workload,
                           .config = parse_config(choice->trial.config),
                           .target = target,
                           .provenance = provenance_line(choice->trial)});
    }
    write_file(arguments.output, emit_header(kernels, WARPSMITH_VERSION));
    fmt::print("{}: {} {} for {}\n", arguments.output, kernels.size(), kernels.size() == 1 ? "kernel" : "kernels",
               target.name);
    return kDone;
}

}  // namespace

Command emit_command() {
    auto arguments = std::make_shared<EmitArguments>();
    return {.arguments = {workloads_argument(arguments->workloads),
                          {.name = "-o,--output",
                           .value = &arguments->output,
                           .meaning = "header to write",
                           .shown = "FILE.cuh",
                           .required = true},
                          target_option(arguments->target),
                          database_option(arguments->database)},
            .notes =
                "The header includes nothing of Warpsmith; compile it with nvcc -std=c++20.\n"
                "Example:\n"
                "  warpsmith emit \"lstm T=128 B=16 N=4 D=64 dtype=bf16\" --target h200 -o kernels.cuh",
            .run = [arguments] { return emit(*arguments); }};
}

}  // namespace warpsmith
