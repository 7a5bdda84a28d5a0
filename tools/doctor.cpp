// warpsmith doctor: what this machine has, what is missing, and how to get it.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <set>

#include "cache/tuning_db.hpp"
#include "device/device.hpp"
#include "solver/error.hpp"
#include "solver/search.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"

namespace warpsmith {
namespace {

struct DoctorArguments {
    std::string toolkit;
    std::string database = "tuning.db";
};

// What was found out about one part of the machine.
struct Examined {
    bool good = true;
    std::string text;
};

void print(const char* part, const Examined& finding) {
    fmt::print("{:<9} {}\n", part, finding.text);
}

// Compiles a kernel of ours, the first there is: that takes all parts of NVRTC, and the headers.
Examined look_at_nvrtc(const Toolkit& toolkit) {
    const Family& family = families().front();
    const Target& target = known_targets().front();
    const Workload workload = case_workloads(family).front();
    const Space space = family.space(workload, target);
    const Config config = to_config(first(space.model).value(), space);
    const Compiled compiled = Compiler(toolkit).compile(render(family, workload, config, target));
    if (!compiled.ok) {
        return {false, fmt::format("{} cannot compile: {}", toolkit.nvrtc_library, compiled.log)};
    }
    return {true, fmt::format("{} {}, compiles", toolkit.nvrtc_library, toolkit.version)};
}

Examined look_at_nvcc(const Toolkit& toolkit) {
    return {true, toolkit.nvcc.empty() ? "none: needed only to build emitted headers; cmake/fetch-toolkit brings one"
                                       : toolkit.nvcc};
}

Examined look_at_gpu() {
    const GpuStatus status = gpu_status();
    if (!status.usable) {
        return {true, fmt::format("none: {}; kernels run on the emulator, times are modelled", status.message)};
    }
    std::string names;
    for (const std::string& name : status.names) {
        names += (names.empty() ? "" : ", ") + name;
    }
    return {true, fmt::format("{}, driver {}", names, status.driver)};
}

Examined look_at_database(const std::string& path) {
    if (!is_file(path)) {
        return {true, path + " is not there yet; warpsmith tune makes it"};
    }
    try {
        const std::vector<Trial> trials = TuningDb(path, TuningDb::Mode::read_only).list();
        std::set<std::string> workloads;
        for (const Trial& trial : trials) {
            workloads.insert(trial.workload.key());
        }
        return {true, fmt::format("{}: {} trials of {} workloads", path, trials.size(), workloads.size())};
    } catch (const Error& error) {
        return {false, error.what()};
    }
}

// The toolkit, or why there is none: the one thing without which nothing can be compiled.
bool report_toolkit(const std::string& argument) {
    try {
        const Toolkit toolkit = chosen_toolkit(argument);
        print("toolkit", {true, fmt::format("{}: {}", toolkit.root, toolkit.reason)});
        const Examined nvrtc = look_at_nvrtc(toolkit);
        print("NVRTC", nvrtc);
        print("nvcc", look_at_nvcc(toolkit));
        return nvrtc.good;
    } catch (const Error& error) {
        print("toolkit", {false, error.what()});
        return false;
    }
}

int examine(const DoctorArguments& arguments) {
    print("warpsmith", {true, WARPSMITH_VERSION});
    const bool compiles = report_toolkit(arguments.toolkit);
    print("GPU", look_at_gpu());
    const Examined database = look_at_database(arguments.database);
    print("database", database);
    const bool healthy = compiles && database.good;
    print("result", {healthy, healthy ? "all that is needed is here" : "something needed is missing: see above"});
    return healthy ? kDone : kNothingFound;
}

}  // namespace

Command doctor_command() {
    auto arguments = std::make_shared<DoctorArguments>();
    return {.arguments = {toolkit_option(arguments->toolkit), database_option(arguments->database)},
            .notes =
                "Exit code 1 when something that is needed is missing; a GPU is not needed.\n"
                "Examples:\n"
                "  warpsmith doctor\n"
                "  warpsmith doctor --toolkit /usr/local/cuda",
            .run = [arguments] { return examine(*arguments); }};
}

}  // namespace warpsmith
