#include "cache/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "cache/trial_rows.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

// Migration N, counted from 1, takes a file of schema N - 1 to schema N. A migration that was released never changes.
constexpr std::array kMigrations = {
    R"sql(
CREATE TABLE workload (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    family TEXT NOT NULL,
    dtype TEXT NOT NULL,
    options TEXT NOT NULL
) STRICT;
CREATE INDEX workload_by_family ON workload (family, dtype, options);

CREATE TABLE dimension (
    workload_id INTEGER NOT NULL REFERENCES workload (id),
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (workload_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE environment (
    id INTEGER PRIMARY KEY,
    target TEXT NOT NULL,
    architecture TEXT NOT NULL,
    device TEXT NOT NULL,
    driver TEXT NOT NULL,
    toolkit TEXT NOT NULL,
    compile_options TEXT NOT NULL,
    library_version TEXT NOT NULL,
    UNIQUE (target, architecture, device, driver, toolkit, compile_options, library_version)
) STRICT;

CREATE TABLE trial (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workload_id INTEGER NOT NULL REFERENCES workload (id),
    environment_id INTEGER NOT NULL REFERENCES environment (id),
    config TEXT NOT NULL,
    source_digest TEXT NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT NOT NULL,
    registers INTEGER NOT NULL,
    spill_store_bytes INTEGER NOT NULL,
    spill_load_bytes INTEGER NOT NULL,
    stack_bytes INTEGER NOT NULL,
    static_smem_bytes INTEGER NOT NULL,
    modelled_us REAL NOT NULL,
    time_kind TEXT NOT NULL,
    median_us REAL NOT NULL,
    batch_us REAL NOT NULL,
    verified_on TEXT NOT NULL,
    max_error REAL NOT NULL,
    tolerance REAL NOT NULL,
    recorded_at TEXT NOT NULL
) STRICT;
CREATE INDEX trial_by_configuration ON trial (workload_id, config, environment_id, source_digest);

CREATE TABLE sample (
    trial_id INTEGER NOT NULL REFERENCES trial (id),
    timing TEXT NOT NULL,
    position INTEGER NOT NULL,
    microseconds REAL NOT NULL,
    PRIMARY KEY (trial_id, timing, position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER trial_is_never_changed BEFORE UPDATE ON trial
BEGIN SELECT RAISE(ABORT, 'trials are only ever added'); END;
CREATE TRIGGER trial_is_never_deleted BEFORE DELETE ON trial
BEGIN SELECT RAISE(ABORT, 'trials are only ever added'); END;

CREATE VIEW trial_record AS
SELECT trial.*, workload.key AS workload, workload.family, workload.dtype, workload.options,
       environment.target, environment.architecture, environment.device, environment.driver,
       environment.toolkit, environment.compile_options, environment.library_version
FROM trial
JOIN workload ON workload.id = trial.workload_id
JOIN environment ON environment.id = trial.environment_id;

CREATE VIEW newest_trial AS
SELECT * FROM trial_record AS record
WHERE id = (SELECT max(same.id) FROM trial AS same
            WHERE same.workload_id = record.workload_id AND same.config = record.config
              AND same.environment_id = record.environment_id AND same.source_digest = record.source_digest);
)sql",
    // The checksum is filled in by seal_trials: see trial_checksum.hpp. A trial that was merged from another file may
    // be older than those that were here before, so the newest is told by its time.
    R"sql(
ALTER TABLE trial ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
DROP TRIGGER trial_is_never_changed;
CREATE TRIGGER trial_is_never_changed BEFORE UPDATE ON trial WHEN OLD.checksum <> ''
BEGIN SELECT RAISE(ABORT, 'trials are only ever added'); END;

DROP VIEW newest_trial;
CREATE VIEW newest_trial AS
SELECT * FROM trial_record AS record
WHERE id = (SELECT same.id FROM trial AS same
            WHERE same.workload_id = record.workload_id AND same.config = record.config
              AND same.environment_id = record.environment_id AND same.source_digest = record.source_digest
            ORDER BY same.recorded_at DESC, same.id DESC LIMIT 1);
)sql",
    // What other tuners reported: see imported.hpp.
    R"sql(
CREATE TABLE imported_file (
    id INTEGER PRIMARY KEY,
    format TEXT NOT NULL,
    name TEXT NOT NULL,
    device TEXT NOT NULL,
    kernel TEXT NOT NULL,
    problem_size TEXT NOT NULL,
    header TEXT NOT NULL
) STRICT;

CREATE TABLE imported_result (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES imported_file (id),
    config TEXT NOT NULL,
    outcome TEXT NOT NULL,
    time_us REAL NOT NULL,
    samples_us TEXT NOT NULL,
    phases_ms TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    said TEXT NOT NULL,
    checksum TEXT NOT NULL
) STRICT;

CREATE TRIGGER imported_result_is_never_changed BEFORE UPDATE ON imported_result
BEGIN SELECT RAISE(ABORT, 'imported results are only ever added'); END;
CREATE TRIGGER imported_result_is_never_deleted BEFORE DELETE ON imported_result
BEGIN SELECT RAISE(ABORT, 'imported results are only ever added'); END;
)sql",
};

bool holds_nothing(SqliteConnection& connection) {
    SqliteStatement query = connection.prepare("SELECT count(*) FROM sqlite_schema");
    query.step();
    return query.integer(0) == 0;
}

// Applies the migrations up to this one.
void bring_to(SqliteConnection& connection, std::int64_t version) {
    for (std::int64_t number = connection.pragma("user_version"); number < version; ++number) {
        connection.execute(kMigrations[static_cast<std::size_t>(number)]);
    }
}

// "table trial" to how it was made; without what SQLite keeps for itself.
std::map<std::string, std::string> definitions(SqliteConnection& connection) {
    SqliteStatement query = connection.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name");
    std::map<std::string, std::string> made;
    while (query.step()) {
        if (!query.view(1).starts_with("sqlite_")) {
            made[fmt::format("{} {}", query.view(0), query.view(1))] = query.text(2);
        }
    }
    return made;
}

}  // namespace

std::int64_t schema_version() {
    return static_cast<std::int64_t>(kMigrations.size());
}

void require_tuning_database(SqliteConnection& connection) {
    std::int64_t application = connection.pragma("application_id");
    std::int64_t version = connection.pragma("user_version");
    if (application == 0 && version == 0 && holds_nothing(connection)) {
        return;
    }
    if (application != kApplicationId) {
        throw Error(
            fmt::format("opening the tuning database {}: it is another program's SQLite file; name another file, "
                        "this one was left as it was",
                        connection.path()));
    }
    if (version > schema_version()) {
        throw Error(
            fmt::format("opening the tuning database {}: its schema is number {}, this version knows up to {}; use "
                        "a newer Warpsmith, or another file",
                        connection.path(), version, schema_version()));
    }
}

void require_tables(SqliteConnection& connection) {
    if (connection.pragma("user_version") == 0) {
        throw Error(
            fmt::format("opening the tuning database {}: it holds nothing yet; tune into it first", connection.path()));
    }
}

void migrate(SqliteConnection& connection) {
    if (connection.pragma("user_version") == schema_version()) {
        return;
    }
    SqliteTransaction transaction(connection, SqliteTransaction::For::writing);
    require_tuning_database(connection);  // again: another process may have got here first
    bring_to(connection, schema_version());
    seal_trials(connection);
    connection.execute(fmt::format("PRAGMA application_id = {}", kApplicationId));
    connection.execute(fmt::format("PRAGMA user_version = {}", schema_version()));
    transaction.commit();
}

std::unique_ptr<SqliteConnection> migrated_copy(SqliteConnection& connection) {
    if (connection.pragma("user_version") == schema_version()) {
        return nullptr;
    }
    auto copy = std::make_unique<SqliteConnection>(":memory:", SqliteAccess::create);
    copy->copy_from(connection);
    migrate(*copy);
    return copy;
}

std::vector<std::string> schema_differences(SqliteConnection& connection) {
    SqliteConnection sound(":memory:", SqliteAccess::create);
    bring_to(sound, std::clamp<std::int64_t>(connection.pragma("user_version"), 0, schema_version()));
    const std::map<std::string, std::string> expected = definitions(sound);
    const std::map<std::string, std::string> present = definitions(connection);
    std::vector<std::string> differences;
    for (const auto& [name, definition] : expected) {
        const auto found = present.find(name);
        if (found == present.end()) {
            differences.push_back(fmt::format("the {} is missing", name));
        } else if (found->second != definition) {
            differences.push_back(fmt::format("the {} is not as Warpsmith makes it", name));
        }
    }
    for (const auto& [name, definition] : present) {
        if (!expected.contains(name)) {
            differences.push_back(fmt::format("the {} is not Warpsmith's", name));
        }
    }
    return differences;
}

}  // namespace warpsmith
