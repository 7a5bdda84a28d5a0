#include "cache/database_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <sstream>
#include <utility>

#include "cache/durable_folder.hpp"
#include "cache/imported.hpp"
#include "cache/schema.hpp"
#include "cache/trial_checksum.hpp"
#include "cache/trial_rows.hpp"
#include "cache/trial_rules.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr int kMostPageFindings = 20;
constexpr std::int64_t kFirstImportingSchema = 3;

std::string finding_of(const TrialRow& row, bool sealed) {
    if (sealed && !whole_but_for_samples(row.checksum, row.id, row.trial)) {
        return "what it says has not its checksum";
    }
    if (sealed && row.checksum != checksum(row.id, row.trial)) {
        return "its samples have not their checksum";
    }
    return broken_rule(row.trial);
}

class Check {
  public:
    explicit Check(const std::string& path) : connection_(path, SqliteAccess::query_only) {}

    DatabaseReport run() {
        const std::array<void (Check::*)(), 6> steps = {&Check::check_header, &Check::check_pages,
                                                        &Check::check_schema, &Check::check_references,
                                                        &Check::check_trials, &Check::check_imported};
        const SqliteTransaction one_state(connection_, SqliteTransaction::For::reading);
        for (const auto step : steps) {
            try {
                (this->*step)();
            } catch (const Error& error) {  // which is what was looked for
                if (std::ranges::find(report_.findings, error.what()) == report_.findings.end()) {
                    report_.findings.emplace_back(error.what());
                }
            }
        }
        return std::move(report_);
    }

  private:
    void check_header() {
        report_.schema = connection_.pragma("user_version");
        require_tuning_database(connection_);
        require_tables(connection_);
    }

    void check_pages() {
        for (const std::string& damage : page_damage(connection_, Thoroughness::full, kMostPageFindings)) {
            report_.findings.push_back(damage);
        }
    }

    void check_schema() {
        for (const std::string& difference : schema_differences(connection_)) {
            report_.findings.push_back(difference);
        }
    }

    void check_references() {
        SqliteStatement query = connection_.prepare("PRAGMA foreign_key_check");
        while (query.step()) {
            report_.findings.push_back(
                fmt::format("{} {} refers to a {} that is not there", query.view(0), query.integer(1), query.view(2)));
        }
        SqliteStatement workloads = connection_.prepare("SELECT id, key FROM workload ORDER BY id");
        TrialReader reader(connection_);
        while (workloads.step()) {
            const std::int64_t id = workloads.integer(0);
            note(fmt::format("workload {}", id), [&] {
                return reader.workload(id).key() == workloads.view(1) ? "" : "its key is not that of its columns";
            });
        }
    }

    void check_trials() {
        const bool sealed = report_.schema >= kFirstSealedSchema;
        std::string columns = TrialReader::kColumns;
        if (!sealed) {
            columns.replace(columns.rfind("checksum"), std::string::npos, "''");
        }
        SqliteStatement query = connection_.prepare(fmt::format("SELECT {} FROM trial_record ORDER BY id", columns));
        TrialReader reader(connection_);
        while (query.step()) {
            const bool sound =
                note(fmt::format("trial {}", query.integer(0)), [&] { return finding_of(reader.read(query), sealed); });
            report_.trials += sound ? 1 : 0;
        }
    }

    void check_imported() {
        if (report_.schema < kFirstImportingSchema) {
            return;
        }
        for (const ImportedRow& row : imported_rows(connection_)) {
            const bool sound = note(fmt::format("imported result {}", row.id), [&] {
                return row.checksum == checksum(row.id, row.file, row.result) ? ""
                                                                              : "what it says has not its checksum";
            });
            report_.imported += sound ? 1 : 0;
        }
    }

    // Whether what was looked at is sound.
    bool note(const std::string& place, const std::function<std::string()>& look) {
        std::string found;
        try {
            found = look();
        } catch (const DamagedDatabase&) {
            throw;
        } catch (const Error& error) {
            found = error.what();
        }
        if (!found.empty()) {
            report_.findings.push_back(fmt::format("{}: {}", place, found));
        }
        return found.empty();
    }

    SqliteConnection connection_;
    DatabaseReport report_;
};

// Whether a file that no row was found in began as a tuning database.
bool begins_as_ours(const std::string& path) {
    constexpr std::string_view kMagic("SQLite format 3\0", 16);
    constexpr std::string_view kOurs("WSTD");
    constexpr std::size_t kOursAt = 68;  // application_id
    const std::string bytes = read_bytes(path).value_or("").substr(0, kOursAt + kOurs.size());
    const std::string_view magic = std::string_view(bytes).substr(0, kMagic.size());
    return !bytes.empty() && kMagic.starts_with(magic) &&
           (bytes.size() <= kOursAt || kOurs.starts_with(std::string_view(bytes).substr(kOursAt)));
}

}  // namespace

std::vector<std::string> page_damage(SqliteConnection& connection, Thoroughness thoroughness, int most) {
    std::vector<std::string> found;
    // SQLite takes a last page that is cut off for one that ends in zeros.
    std::error_code in_memory;  // there is no such file then
    const std::uintmax_t bytes = std::filesystem::file_size(connection.path(), in_memory);
    if (!in_memory && std::cmp_not_equal(bytes, connection.pragma("page_count") * connection.pragma("page_size"))) {
        found.emplace_back("its end is cut off");
    }
    SqliteStatement query = connection.prepare(
        fmt::format("PRAGMA {}_check({})", thoroughness == Thoroughness::quick ? "quick" : "integrity", most));
    while (query.step()) {
        std::istringstream lines(query.text(0));
        for (std::string line; std::getline(lines, line);) {
            if (line != "ok" && !line.starts_with("***")) {
                found.push_back(line);
            }
        }
    }
    return found;
}

DatabaseReport check_database(const std::string& path) {
    DatabaseReport report = Check(path).run();
    if (report.findings.empty()) {
        return report;
    }
    report.savable = salvage(path);
    if (report.savable->trials.empty() && report.savable->imported.empty() && !begins_as_ours(path)) {
        throw Error(report.findings.front());
    }
    return report;
}

}  // namespace warpsmith
