// Whether a tuning database is sound, and what can be saved where it is not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cache/salvage.hpp"
#include "cache/sqlite.hpp"

namespace warpsmith {

enum class Thoroughness : std::uint8_t {
    quick,  // the pages and trees
    full,   // and whether indices and tables agree
};

// Damage that SQLite sees, or a file that is cut off; as many findings as asked for.
std::vector<std::string> page_damage(SqliteConnection& connection, Thoroughness thoroughness, int most);

struct DatabaseReport {
    std::int64_t schema = 0;
    std::size_t trials = 0;    // that are sound
    std::size_t imported = 0;  // results of other tuners that are
    std::vector<std::string> findings;
    std::optional<Salvaged> savable;  // where something was found
};

// Reads every row. Throws Error where there is nothing to check: no file, an empty one, or no tuning database.
DatabaseReport check_database(const std::string& path);

}  // namespace warpsmith
