// Tuned configurations as one self-contained CUDA header.
#pragma once

#include <array>
#include <cstdint>
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
    std::string image = {};        // compiled, for a header that carries images: a cubin, or PTX
    std::string image_entry = {};  // the kernel's name in it
};

struct OwnParameter {
    std::string type;  // C++: "const float*"
    std::string name;
};

// A __constant__ variable beside the kernel, and the pointer to what fills it before a launch.
struct OwnSymbol {
    std::string variable;
    OwnParameter values;
};

// A kernel of the user's own, as it was tuned for one problem, compiled.
struct TunedOwnKernel {
    std::string name;  // of its namespace in the header
    std::string workload, config;
    Target target;
    std::string provenance;  // as above
    std::vector<OwnParameter> parameters;
    std::vector<OwnSymbol> symbols = {};
    std::array<std::int64_t, 3> grid = {1, 1, 1}, block = {1, 1, 1};
    std::int64_t smem_bytes = 0;
    std::string image, image_entry;
};

// What kernels are emitted from; other than the built-in ones for families that lie outside the tree.
struct EmitSources {
    std::span<const Family> families = warpsmith::families();
    std::span<const SourceFile> files = source_files();
};

// A header that includes nothing of ours: provenance, the kernels, a constexpr table over the workloads and, for each
// family, dtype and set of options, a `launch` that picks the row whose fixed dimensions match and whose runtime
// dimensions are nearest. C++20, for nvcc; NVRTC compiles the kernels of it, without the host's part. Throws Error when
// there is no kernel, or when they are of several targets.
std::string emit_header(const std::vector<TunedKernel>& kernels, const std::string& library_version,
                        const EmitSources& sources = {});

enum class ImageKind : std::uint8_t { cubin, ptx };

// The same with compiled kernels in place of their source, for any C++17 compiler and the CUDA runtime: rows may be of
// several targets, and `launch` picks among those that the current GPU takes. A cubin runs on its target's compute
// capability, and on later ones of the same major number; PTX on all later ones; either of an architecture with
// instructions of its own (sm_90a) on that alone. Kernels of the user's own have a `launch` without sizes; those of one
// name are one kernel for several targets. Throws Error when there is no kernel or one has no image.
std::string emit_image_header(const std::vector<TunedKernel>& kernels, ImageKind kind,
                              const std::string& library_version,
                              std::span<const Family> families = warpsmith::families(),
                              std::span<const TunedOwnKernel> own = {});

}  // namespace warpsmith
