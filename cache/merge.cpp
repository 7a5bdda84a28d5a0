#include "cache/merge.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "cache/database_check.hpp"
#include "cache/tuning_db.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

void require_sound(const std::string& path) {
    const DatabaseReport report = check_database(path);
    if (!report.findings.empty()) {
        throw Error(
            fmt::format("merging {}: it is damaged ({}); save what is whole with: warpsmith db check --db {} "
                        "--salvage NEW, and merge that",
                        path, report.findings.front(), path));
    }
}

}  // namespace

std::vector<MergedFile> merge_databases(const std::string& into, std::span<const std::string> from) {
    for (const std::string& path : from) {
        std::error_code missing;  // which opening it tells
        if (std::filesystem::equivalent(path, into, missing)) {
            throw Error(fmt::format("merging {}: it is the file to merge into; name others", path));
        }
        require_sound(path);
    }
    TuningDb db(into);
    std::vector<MergedFile> merged;
    for (const std::string& path : from) {
        const TuningDb source(path, TuningDb::Mode::read_only);
        const std::vector<Trial> trials = source.all();
        const std::size_t added = db.record_missing(trials);
        merged.push_back({.path = path,
                          .added = added,
                          .known = trials.size() - added,
                          .imported = db.add_imported(source.imported())});
    }
    return merged;
}

}  // namespace warpsmith
