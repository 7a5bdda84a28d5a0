// A recurrent cell of the user's own: one file with one struct, from outside of the tree, as a family like the others.
#pragma once

#include <string>
#include <string_view>

#include "generator/toolkit.hpp"

namespace warpsmith {

// A file and what was in it.
struct OwnCell {
    std::string path;
    std::string text;

    bool operator==(const OwnCell&) const = default;
};

// Throws Error when the file cannot be read.
OwnCell read_own_cell(const std::string& path);

// Adds the cell as a family called as the file is, without .cuh, and returns that name. The cell is the struct that has
// `step`; it is compiled once, and its trace read by running a kernel of one thread on the emulator. Throws Error when
// there is no such struct, or it does not compile, with the compiler's words.
std::string add_own_cell(const OwnCell& cell, const Toolkit& toolkit);

// A workload's key as commands take it: with the file of an own cell in place of the family's name.
std::string command_text(std::string_view key);

}  // namespace warpsmith
