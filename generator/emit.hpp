// Tuned configurations as one self-contained CUDA header.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "templates/family.hpp"
#include "templates/source_files.hpp"

namespace warpsmith {

// One row of the emitted table: a workload, the configuration chosen for it, and how that is known.
struct TunedKernel {
    Workload workload;
    Config config;
    Target target;
    std::string
        provenance;  // one line: measured or modelled, time, error against the reference, toolkit, source digest
};

// What kernels are emitted from; other than the built-in ones for families that lie outside the tree.
struct EmitSources {
    std::span<const Family> families = warpsmith::families();
    std::span<const SourceFile> files = source_files();
};

// A header that includes nothing of ours: provenance, the kernels, a constexpr table over the workloads and, for each
// family, dtype and set of options, a `launch` that picks the row whose fixed dimensions match and whose runtime
// dimensions are nearest. C++20, nvcc. Throws Error when there is no kernel, or when they are of several targets.
std::string emit_header(const std::vector<TunedKernel>& kernels, const std::string& library_version,
                        const EmitSources& sources = {});

}  // namespace warpsmith
