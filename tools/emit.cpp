// warpsmith emit: tuned kernels as one self-contained CUDA header.
#include "generator/emit.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>

#include "cache/kernel_store.hpp"
#include "generator/compile.hpp"
#include "solver/error.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/own_header.hpp"
#include "tools/own_kernel_argument.hpp"
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
    std::uint64_t layers = 0;  // 0: each kernel by itself
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

// What is emitted is what was tuned, or nothing.
struct WantedKernel {
    std::string name;  // for messages
    const Provenance& provenance;
    std::function<Source(const Toolkit&)> source;
};

// From the store or, where it is not there, compiled again.
Compiled compiled_kernel(const WantedKernel& wanted, const EmitArguments& arguments) {
    const std::string& digest = wanted.provenance.source_digest;
    const std::string folder = kernel_folder(arguments.database);
    if (std::optional<Compiled> stored = load_kernel(folder, digest, wanted.provenance.toolkit)) {
        return std::move(*stored);
    }
    const Toolkit toolkit = chosen_toolkit(arguments.toolkit);
    const Source source = wanted.source(toolkit);
    if (source.digest != digest) {
        throw Error(fmt::format(
            "compiling {}: it is not in {}, and its source has changed since it was tuned; run warpsmith tune again",
            wanted.name, folder));
    }
    Compiled compiled = Compiler(toolkit).compile(source);
    if (!compiled.ok) {
        throw Error(fmt::format("compiling {}: {}", wanted.name, compiled.log));
    }
    return compiled;
}

// Fills in the image of a TunedKernel or TunedOwnKernel.
template <class Tuned>
void embed_image(Tuned& tuned, const Compiled& compiled, const std::string& embed) {
    tuned.image = embed == "ptx" ? compiled.ptx : compiled.cubin;
    tuned.image_entry = compiled.lowered_name;
}

struct Emitted {
    std::vector<TunedKernel> kernels;
    std::vector<TunedOwnKernel> own;
};

std::optional<Choice> choice_of(const Workload& workload, const Target& target, const EmitArguments& arguments) {
    if (arguments.layers == 0) {
        return recorded_best(arguments.database, workload, target);
    }
    const std::optional<StackChoice> stack = recorded_stack(arguments.database, workload, target, arguments.layers);
    return stack ? std::optional(stack->choice) : std::nullopt;
}

// What adds a workload, or a kernel of the user's own: false where it was not tuned, which is said.
bool add_workload(const std::string& text, const Target& target, const EmitArguments& arguments, Emitted& emitted) {
    const Workload workload = read_workload(text);
    const std::optional<Choice> choice = choice_of(workload, target, arguments);
    if (!choice || choice->basis != Basis::exact) {
        nothing_found(not_tuned(workload.key(), target, arguments.database));
        return false;
    }
    TunedKernel kernel{.workload = workload,
                       .config = parse_config(choice->trial.config),
                       .target = target,
                       .provenance = provenance_line(choice->trial)};
    if (!arguments.embed.empty()) {
        const auto source = [&](const Toolkit&) {
            return render(find_family(workload.family), workload, kernel.config, target);
        };
        embed_image(
            kernel,
            compiled_kernel({workload.key() + " " + kernel.config.key(), choice->trial.provenance, source}, arguments),
            arguments.embed);
    }
    emitted.kernels.push_back(std::move(kernel));
    return true;
}

bool add_own_kernel(const std::string& t1_file, const Target& target, const EmitArguments& arguments,
                    Emitted& emitted) {
    if (arguments.embed.empty()) {
        throw Error(
            fmt::format("emitting {}: its macros, what it includes and its compiler options are those that it was "
                        "tuned with, which "
                        "its source in a header could not keep; add --embed cubin or --embed ptx",
                        t1_file));
    }
    const std::shared_ptr<const OwnKernel> own = own_kernel_for(t1_file, target);
    const std::optional<Choice> choice = recorded_best(arguments.database, *own, target);
    if (!choice) {
        nothing_found(not_tuned(t1_file, target, arguments.database));
        return false;
    }
    const Config config = parse_config(choice->trial.config);
    TunedOwnKernel kernel = tuned_own_kernel(*own, config, target);
    for (const TunedOwnKernel& other : emitted.own) {
        if (other.name == kernel.name && other.workload != kernel.workload) {
            throw Error(fmt::format("emitting {}: another file of this name is emitted, too; rename one", t1_file));
        }
    }
    kernel.provenance = provenance_line(choice->trial);
    const auto source = [&](const Toolkit& toolkit) {
        return source_of(*own, config, target, toolkit.include_directory);
    };
    embed_image(kernel, compiled_kernel({t1_file + " " + config.key(), choice->trial.provenance, source}, arguments),
                arguments.embed);
    emitted.own.push_back(std::move(kernel));
    return true;
}

std::string header_text(const Emitted& emitted, const std::string& embed) {
    if (embed.empty()) {
        return emit_header(emitted.kernels, WARPSMITH_VERSION);
    }
    const ImageKind kind = embed == "ptx" ? ImageKind::ptx : ImageKind::cubin;
    return emit_image_header(emitted.kernels, kind, WARPSMITH_VERSION, families(), emitted.own);
}

int emit(const EmitArguments& arguments) {
    Emitted emitted;
    std::string names;
    for (const Target& target : chosen_targets(arguments.targets)) {
        for (const std::string& text : arguments.workloads) {
            const auto add = arguments.layers == 0 && names_own_kernel(text) ? add_own_kernel : add_workload;
            if (!add(text, target, arguments, emitted)) {
                return kNothingFound;
            }
        }
        names += (names.empty() ? "" : ", ") + target.name;
    }
    write_file(arguments.output, header_text(emitted, arguments.embed));
    const std::size_t count = emitted.kernels.size() + emitted.own.size();
    fmt::print("{}: {} {} for {}\n", arguments.output, count, count == 1 ? "kernel" : "kernels", names);
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
                      layers_option(arguments->layers),
                      toolkit_option(arguments->toolkit),
                      database_option(arguments->database)},
        .notes =
            "The header includes nothing of Warpsmith. Compile it with nvcc -std=c++20; one that carries compiled\n"
            "kernels with any C++17 compiler, and link the CUDA runtime. Such a header may be for several GPUs: its\n"
            "launch picks the row for the current one. A kernel of your own, by its T1 file, is emitted with --embed.\n"
            "Examples:\n"
            "  warpsmith emit \"lstm T=128 B=16 N=4 D=64 dtype=bf16\" --target h200 -o kernels.cuh\n"
            "  warpsmith emit \"scan T=4096 B=8 D=512 dtype=f32\" --target h200,a100 --embed cubin -o scan.hpp\n"
            "  warpsmith emit reduction.json --target h200 --embed cubin -o reduction.hpp",
        .run = [arguments] { return emit(*arguments); }};
}

}  // namespace warpsmith
