// Makes one tuning database of several.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cache/imported.hpp"

namespace warpsmith {

struct MergedFile {
    std::string path;
    std::size_t added = 0;
    std::size_t known = 0;  // were there already, by all that a trial has
    AddedResults imported;  // results of other tuners
};

// Adds every trial of the other files, with all that it says of where it comes from. Files of earlier schemas are read,
// and none but `into` is changed. Throws Error, with nothing added, when one of them is damaged or is `into` itself.
std::vector<MergedFile> merge_databases(const std::string& into, std::span<const std::string> from);

}  // namespace warpsmith
