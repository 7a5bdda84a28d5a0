#include "tools/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
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

void add_target_option(CLI::App& command, std::string& target) {
    command
        .add_option("--target", target, "GPU to work for: a name (h200), a JSON file, or local [local GPU, else h200]")
        ->type_name("NAME|FILE|local");
}

void add_database_option(CLI::App& command, std::string& path) {
    command.add_option("--db", path, "tuning database")->type_name("FILE")->capture_default_str();
}

void add_toolkit_option(CLI::App& command, std::string& folder) {
    command.add_option("--toolkit", folder, "CUDA toolkit to use, and no other")->type_name("DIR");
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
