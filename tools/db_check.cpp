// warpsmith db check: whether a tuning database is sound, and what can be saved where it is not.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cache/database_check.hpp"
#include "cache/tuning_db.hpp"
#include "solver/error.hpp"
#include "tools/arguments.hpp"
#include "tools/db_commands.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kMostFindingsShown = 20;

struct CheckArguments {
    std::string database = "tuning.db";
    std::string salvage;
    bool json = false;
};

void require_new(const std::string& path) {
    if (is_file(path)) {
        throw Error(fmt::format("salvaging into {}: there is a file of this name; name one that is not there", path));
    }
}

std::size_t imported_count(const Salvaged& savable) {
    std::size_t count = 0;
    for (const ImportedFile& file : savable.imported) {
        count += file.results.size();
    }
    return count;
}

void print_json(const DatabaseReport& report, const CheckArguments& arguments) {
    nlohmann::ordered_json object = {{"database", arguments.database},   {"schema", report.schema},
                                     {"sound", report.findings.empty()}, {"trials", report.trials},
                                     {"imported", report.imported},      {"findings", report.findings}};
    if (report.savable) {
        object["savable"] = {{"trials", report.savable->trials.size()},
                             {"imported", imported_count(*report.savable)},
                             {"without_samples", report.savable->without_samples},
                             {"without_checksum", report.savable->unsealed},
                             {"lost", report.savable->lost}};
        object["salvaged_to"] = arguments.salvage;
    }
    // SQLite quotes bytes of the file in what it finds.
    fmt::print("{}\n", object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_savable(const Salvaged& savable, const CheckArguments& arguments) {
    fmt::print("{} trials and {} imported results can be saved; at least {} are lost\n", savable.trials.size(),
               imported_count(savable), savable.lost);
    if (savable.without_samples > 0) {
        fmt::print("  {} of them without their samples, which are damaged\n", savable.without_samples);
    }
    if (savable.unsealed > 0) {
        fmt::print("  {} of them as they are read: rows of this schema have no checksum\n", savable.unsealed);
    }
    if (arguments.salvage.empty()) {
        fmt::print("save them with: warpsmith db check --db {} --salvage NEW\n", arguments.database);
    } else {
        fmt::print("saved to {}\n", arguments.salvage);
    }
}

void print_text(const DatabaseReport& report, const CheckArguments& arguments) {
    if (report.findings.empty()) {
        fmt::print("{}: sound; schema {}, {} trials, {} imported results\n", arguments.database, report.schema,
                   report.trials, report.imported);
        return;
    }
    fmt::print("{}: damaged\n", arguments.database);
    for (std::size_t i = 0; i < std::min(report.findings.size(), kMostFindingsShown); ++i) {
        fmt::print("  {}\n", report.findings[i]);
    }
    if (report.findings.size() > kMostFindingsShown) {
        fmt::print("  and {} more; --json has all\n", report.findings.size() - kMostFindingsShown);
    }
    print_savable(*report.savable, arguments);
}

int check(const CheckArguments& arguments) {
    if (!arguments.salvage.empty()) {
        require_new(arguments.salvage);
    }
    const DatabaseReport report = check_database(arguments.database);
    if (!arguments.salvage.empty()) {
        if (!report.savable) {
            throw Error(fmt::format("salvaging {}: it is sound, so that there is nothing to salvage; copy the file",
                                    arguments.database));
        }
        TuningDb saved(arguments.salvage);
        saved.record(report.savable->trials);
        saved.add_imported(report.savable->imported);
    }
    if (arguments.json) {
        print_json(report, arguments);
    } else {
        print_text(report, arguments);
    }
    return report.findings.empty() ? kDone : kNothingFound;
}

}  // namespace

Command db_check_command() {
    auto arguments = std::make_shared<CheckArguments>();
    return {.arguments = {database_option(arguments->database),
                          {.name = "--salvage",
                           .value = &arguments->salvage,
                           .meaning = "write all that can be saved of a damaged one to a new file",
                           .shown = "NEW"},
                          {.name = "--json", .value = &arguments->json, .meaning = "print one JSON object"}},
            .notes =
                "Exit code 0: sound; 1: damaged. The database itself is never changed.\n"
                "Examples:\n"
                "  warpsmith db check --db tuning.db\n"
                "  warpsmith db check --db tuning.db --salvage saved.db",
            .run = [arguments] { return check(*arguments); }};
}

}  // namespace warpsmith
