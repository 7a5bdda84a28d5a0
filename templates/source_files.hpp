// The kernel sources that the program carries, so that it needs no source tree to compile them.
#pragma once

#include <span>
#include <string_view>

namespace warpsmith {

// A .cuh file below templates/ as it was when the program was built.
struct SourceFile {
    std::string_view path;  // "common/mma.cuh": what kernels write between quotes after #include
    std::string_view text;
};

std::span<const SourceFile> built_in_source_files();

// These and those that came with families of the user's own.
std::span<const SourceFile> source_files();

}  // namespace warpsmith
