// Files of results that other tuners read and write, one file of this folder each.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cache/imported.hpp"

namespace warpsmith {

// What the user says of a file that does not say it itself, as T4 does not.
struct FileOrigin {
    std::string path;
    std::string device;
    std::string kernel;
};

struct ResultFormat {
    const char* name;
    bool holds_failures;
    // One or, where the file holds several problem sizes or devices, more. Throws Error with the file and the place in
    // it.
    std::vector<ImportedFile> (*read)(const FileOrigin& origin);
    // The text of a file with these results, which are of one kernel. What was imported from this format comes out as
    // it was; what it has no place for is left out. Throws Error where one file cannot hold all of them.
    std::string (*write)(std::span<const ImportedFile> files);
};

std::vector<ImportedFile> read_kernel_tuner_cache(const FileOrigin& origin);
std::string write_kernel_tuner_cache(std::span<const ImportedFile> files);
std::vector<ImportedFile> read_t4(const FileOrigin& origin);
std::string write_t4(std::span<const ImportedFile> files);
std::vector<ImportedFile> read_wisdom(const FileOrigin& origin);
std::string write_wisdom(std::span<const ImportedFile> files);

std::span<const ResultFormat> result_formats();

// Throws Error naming the nearest.
const ResultFormat& find_result_format(const std::string& name);

}  // namespace warpsmith
