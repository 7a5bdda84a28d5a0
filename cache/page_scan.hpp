// Rows straight from the pages of a SQLite file, for files that SQLite itself refuses: every leaf is read by itself, so
// that neither the header nor the tree above it is needed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace warpsmith {

using RawValue = std::variant<std::monostate, std::int64_t, double, std::string>;  // a blob counts as text

struct RawRow {
    std::optional<std::int64_t> rowid;  // none of indices and of tables without rowid
    std::vector<RawValue> values;
};

// Hands over all that has the form of a row, of whatever table or index: twice what is there twice, and perhaps what no
// table holds any more. What does not have the form is passed over. Takes time and memory in proportion to the file,
// whatever is in it.
void scan_rows(std::string_view file, const std::function<void(const RawRow&)>& found);

}  // namespace warpsmith
