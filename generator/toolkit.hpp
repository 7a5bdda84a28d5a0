// Which CUDA toolkit is used, where its parts lie, and why that one.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace warpsmith {

// Where to look, in order of preference; filled in by tools/ (the library reads no environment variable).
struct ToolkitSearch {
    std::vector<std::pair<std::string, std::string>> roots;  // folder, and why it is asked: "CUDA_HOME"
};

// A folder that has libnvrtc and the headers that kernels include.
struct Toolkit {
    std::string root;
    std::string nvrtc_library;      // path of libnvrtc.so.N
    std::string include_directory;  // has cuda_fp16.h
    std::string nvcc;               // path, empty where there is none
    std::string version;            // "13.0", as NVRTC tells it
    std::string reason;             // "CUDA_HOME is set to it"
};

// The first root that is complete. Throws Error listing each place, what was missing there, and how to get a toolkit.
Toolkit find_toolkit(const ToolkitSearch& search);

// The places that were known when the program was built: the toolkit it was built with.
ToolkitSearch built_in_search();

// This folder alone, or those where it is empty.
ToolkitSearch toolkit_at(const std::string& folder);

}  // namespace warpsmith
