#include "tools/arguments.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "device/device.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr const char* kTargetWithoutGpu = "h200";

// The toolkit whose bin folder is in PATH, or empty.
std::string toolkit_in_path() {
    std::istringstream folders(environment("PATH"));
    for (std::string folder; std::getline(folders, folder, ':');) {
        std::error_code unreadable;
        std::filesystem::path nvcc = std::filesystem::canonical(std::filesystem::path(folder) / "nvcc", unreadable);
        if (!unreadable) {
            return nvcc.parent_path().parent_path();
        }
    }
    return {};
}

ToolkitSearch toolkit_search() {
    ToolkitSearch search;
    for (const char* name : {"CUDA_HOME", "CUDA_PATH"}) {
        if (std::string folder = environment(name); !folder.empty()) {
            search.roots.emplace_back(folder, fmt::format("{} is set to it", name));
        }
    }
    for (const auto& root : built_in_search().roots) {
        search.roots.push_back(root);
    }
    if (std::string folder = toolkit_in_path(); !folder.empty()) {
        search.roots.emplace_back(folder, "nvcc in PATH belongs to it");
    }
    return search;
}

}  // namespace

Argument workload_argument(std::string& workload) {
    return {.name = "WORKLOAD", .value = &workload, .meaning = "what to compute, between quotes", .required = true};
}

Argument workloads_argument(std::vector<std::string>& workloads) {
    return {.name = "WORKLOAD",
            .value = &workloads,
            .meaning = "what to compute, each between quotes",
            .shown = "...",
            .required = true};
}

Argument space_argument(std::string& space) {
    return {.name = "SPACE",
            .value = &space,
            .meaning = "a workload, or a file: a space file, a T1 tuning input, or ConstrINT text",
            .required = true};
}

Argument brackets_option(bool& counted) {
    return {.name = "--brackets",
            .value = &counted,
            .meaning = "in ConstrINT text, brackets count; without it they are dropped, as FlashRNN's solver does"};
}

Argument target_option(std::string& target) {
    return {.name = "--target",
            .value = &target,
            .meaning = "GPU to work for; without it the local GPU, else h200",
            .shown = "NAME|FILE.json|local"};
}

Argument database_option(std::string& path) {
    return {.name = "--db", .value = &path, .meaning = "tuning database", .shown = "FILE"};
}

Argument toolkit_option(std::string& folder) {
    return {.name = "--toolkit", .value = &folder, .meaning = "CUDA toolkit to use, and no other", .shown = "DIR"};
}

Argument layers_option(std::uint64_t& layers) {
    return {.name = "--layers",
            .value = &layers,
            .meaning = "of recurrent cells: the best for so many layers on top of each other, maybe in chunks of steps",
            .shown = "N"};
}

Argument jobs_option(std::uint64_t& jobs) {
    return {.name = "--jobs", .value = &jobs, .meaning = "how much is done at a time; one per core", .shown = "N"};
}

Target chosen_target(const std::string& argument) {
    if (argument == "local") {
        return local_target();
    }
    if (!argument.empty()) {
        return find_target(argument);
    }
    if (gpu_status().usable) {
        return local_target();
    }
    fmt::print(stderr, "no GPU here, so the target is {}; --target names another\n", kTargetWithoutGpu);
    return find_target(kTargetWithoutGpu);
}

Toolkit chosen_toolkit(const std::string& argument) {
    return find_toolkit(argument.empty() ? toolkit_search() : ToolkitSearch{{{argument, "--toolkit names it"}}});
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool is_file(const std::string& path) {
    std::error_code unreadable;
    return std::filesystem::exists(path, unreadable);
}

std::string kernel_folder(const std::string& database) {
    return database + ".kernels";
}

}  // namespace warpsmith
