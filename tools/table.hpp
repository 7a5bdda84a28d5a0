// Text in aligned columns.
#pragma once

#include <string>
#include <vector>

namespace warpsmith {

using TableRow = std::vector<std::string>;

// The rows, the first of which are the headings, one per line. Columns of numbers are aligned to the right.
std::string table(const std::vector<TableRow>& rows);

}  // namespace warpsmith
