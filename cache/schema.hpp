// The tuning database's tables, and how a file of an earlier schema becomes one of this. docs/database.md describes
// them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cache/sqlite.hpp"

namespace warpsmith {

// In the file's header, so that any program can tell a tuning database from another SQLite file: "WSTD".
constexpr std::int64_t kApplicationId = 0x57535444;

// The number of the newest migration; PRAGMA user_version of a file that has had them all.
std::int64_t schema_version();

constexpr std::int64_t kFirstSealedSchema = 2;  // from here on trials have checksums

// Throws Error when the file is another program's, or of a schema that this library does not know. To be called within
// a transaction: another process may be making the tables.
void require_tuning_database(SqliteConnection& connection);

// Throws Error when the file, which is only read, holds nothing.
void require_tables(SqliteConnection& connection);

// Makes the tables of an empty file and applies the migrations that are missing from an earlier one, all or none; safe
// when several processes do it at once.
void migrate(SqliteConnection& connection);

// A copy in memory that has had the migrations which the file lacks; nothing where it lacks none.
std::unique_ptr<SqliteConnection> migrated_copy(SqliteConnection& connection);

// Where the file differs from one of the schema that it says it has, in words: a table that is missing, changed, or
// foreign. Nothing where it is as it should be.
std::vector<std::string> schema_differences(SqliteConnection& connection);

}  // namespace warpsmith
