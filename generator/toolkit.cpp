#include "generator/toolkit.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "generator/nvrtc.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

namespace fs = std::filesystem;

// How a toolkit lies in its folder.
struct Layout {
    const char* libraries;
    const char* headers;
    const char* programs;
};
constexpr Layout kLayouts[] = {
    {"lib64", "include", "bin"},                                                       // NVIDIA's installer
    {"lib", "include", "bin"},                                                         // conda
    {"lib/x86_64-linux-gnu", "include", "bin"},                                        // Debian
    {"nvidia/cu13/lib", "nvidia/cu13/include", "nvidia/cu13/bin"},                     // site-packages, 13.x
    {"nvidia/cuda_nvrtc/lib", "nvidia/cuda_runtime/include", "nvidia/cuda_nvcc/bin"},  // site-packages, 12.x
};

// The newest first. A later NVRTC than these is found by the name without a number.
constexpr const char* kLibraryNames[] = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"};

std::string existing(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored) ? path.string() : std::string();
}

std::string library_in(const fs::path& folder) {
    for (const char* name : kLibraryNames) {
        if (std::string path = existing(folder / name); !path.empty()) {
            return path;
        }
    }
    return {};
}

// Fills in the toolkit of that folder; otherwise says what is missing.
std::string look_in(const std::string& root, Toolkit& toolkit) {
    if (existing(root).empty()) {
        return "there is no such folder";
    }
    std::string missing = "it has no libnvrtc";
    for (const Layout& layout : kLayouts) {
        const std::string library = library_in(fs::path(root) / layout.libraries);
        if (library.empty()) {
            continue;
        }
        const fs::path headers = fs::path(root) / layout.headers;
        if (existing(headers / "cuda_fp16.h").empty()) {
            missing = "it has " + library + " but no cuda_fp16.h in " + headers.string();
            continue;
        }
        NvrtcVersion version;
        try {
            version = nvrtc_version(library);
        } catch (const Error& error) {  // one broken toolkit must not hide a good one further on
            missing = error.what();
            continue;
        }
        if (is_older(version, kOldestNvrtc)) {
            missing = "it is CUDA " + to_string(version) + ", older than " + to_string(kOldestNvrtc);
            continue;
        }
        toolkit = {.root = root,
                   .nvrtc_library = library,
                   .include_directory = headers.string(),
                   .nvcc = existing(fs::path(root) / layout.programs / "nvcc"),
                   .version = to_string(version),
                   .reason = {}};
        return {};
    }
    return missing;
}

}  // namespace

Toolkit find_toolkit(const ToolkitSearch& search) {
    std::string tried;
    for (const auto& [root, reason] : search.roots) {
        if (root.empty()) {
            continue;
        }
        Toolkit toolkit;
        const std::string missing = look_in(root, toolkit);
        if (missing.empty()) {
            toolkit.reason = reason;
            return toolkit;
        }
        tried += fmt::format("\n  {} ({}): {}", root, reason, missing);
    }
    throw Error("looking for a CUDA toolkit: " +
                (tried.empty() ? "no place to look was given" : "none is usable" + tried) + "\n  install CUDA " +
                to_string(kOldestNvrtc) + " or later and set CUDA_HOME to its folder, or run cmake/fetch-toolkit");
}

ToolkitSearch built_in_search() {
    return {.roots = {{WARPSMITH_TOOLKIT_ROOT, "Warpsmith was built with it"},
                      {WARPSMITH_FETCHED_TOOLKIT, "cmake/fetch-toolkit fills it"}}};
}

ToolkitSearch toolkit_at(const std::string& folder) {
    return folder.empty() ? built_in_search() : ToolkitSearch{{{folder, "it was asked for"}}};
}

}  // namespace warpsmith
