// Results of other tuners in the tuning database: in tables of their own, so that none is ever taken for a trial that
// Warpsmith compiled, ran and verified.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cache/sqlite.hpp"

namespace warpsmith {

// One configuration, as another program reported it.
struct ImportedResult {
    std::string config;              // a JSON object, the parameters in the order of the file: {"block_size_x":16}
    std::string outcome;             // T4's word: correct, compile, runtime, correctness, constraints, timeout
    double time_us = 0;              // where correct
    std::vector<double> samples_us;  // that it is made of, where the file has them
    std::string phases_ms;           // a JSON object: what trying it took, by T4's names
    std::string recorded_at;         // as the file writes it
    std::string said;                // all of it, in JSON, as the file has it

    bool operator==(const ImportedResult&) const = default;
};

// What a file says of all its results, and the results.
struct ImportedFile {
    std::string format;        // "kernel-tuner", "t4", "wisdom"
    std::string name;          // of the file, without its folder
    std::string device;        // the GPU's name as the file has it
    std::string kernel;        // its name
    std::string problem_size;  // JSON
    std::string header;        // a JSON object: all that the file says besides
    std::vector<ImportedResult> results;
};

// 32 hexadecimal digits over the result's number and all that it and its file say; with the number 0, of their content.
std::string checksum(std::int64_t id, const ImportedFile& file, const ImportedResult& result);

// Of the column samples_us.
std::vector<double> parse_samples(const std::string& text);

struct AddedResults {
    std::size_t added = 0;
    std::size_t known = 0;  // were there already, by all that they say
};

// To be used within one transaction.
AddedResults add_imported(SqliteConnection& connection, std::span<const ImportedFile> files);

struct ImportedRow {
    std::int64_t id = 0;
    ImportedFile file;  // without results
    ImportedResult result;
    std::string checksum;
};

// Every row, in the order in which they came into the file, whatever its checksum.
std::vector<ImportedRow> imported_rows(SqliteConnection& connection);

// The same by file. Throws Error where a row does not have its checksum.
std::vector<ImportedFile> imported_files(SqliteConnection& connection);

// As files, of rows in the order of their files.
std::vector<ImportedFile> grouped(std::span<const ImportedRow> rows);

}  // namespace warpsmith
