// A WORKLOAD on the command line: of a family, or of a cell in a file of the user's own.
#pragma once

#include <span>
#include <string>

#include "cache/own_cell.hpp"
#include "templates/workload.hpp"

namespace warpsmith {

// "lstm T=128 ..." or "my_cell.cuh T=128 ...": then the file's cell becomes a family of this process, called as the
// file is. Throws Error when a word does not fit, or the file has no cell that compiles.
Workload read_workload(const std::string& text);

// The cells that workloads have named so far.
std::span<const OwnCell> own_cells();

// For a process that works for this one.
void use_own_cells(std::span<const OwnCell> cells, const Toolkit& toolkit);

}  // namespace warpsmith
