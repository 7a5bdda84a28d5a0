// The tuning database's tables, and how a file of an earlier schema becomes one of this. docs/database.md describes
// them.
#pragma once

#include <cstdint>

#include "cache/sqlite.hpp"

namespace warpsmith {

// In the file's header, so that any program can tell a tuning database from another SQLite file: "WSTD".
constexpr std::int64_t kApplicationId = 0x57535444;

// The number of the newest migration; PRAGMA user_version of a file that has had them all.
std::int64_t schema_version();

// Throws Error when the file is another program's, or of a schema that this library does not know. To be called within
// a transaction: another process may be making the tables.
void require_tuning_database(SqliteConnection& connection);

// Throws Error when the file, which is only read, holds nothing or lacks a migration.
void require_current_schema(SqliteConnection& connection);

// Makes the tables of an empty file and applies the migrations that are missing from an earlier one, all or none; safe
// when several processes do it at once.
void migrate(SqliteConnection& connection);

}  // namespace warpsmith
