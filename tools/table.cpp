#include "tools/table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace warpsmith {
namespace {

struct Column {
    std::size_t width = 0;
    bool numbers = true;  // every cell below the heading begins with a digit, or says with a dash that there is none
};

bool is_number(const std::string& cell) {
    return cell == "-" || cell.find_first_of("0123456789") == 0;
}

std::vector<Column> measure(const std::vector<TableRow>& rows) {
    std::vector<Column> columns(rows.empty() ? 0 : rows.front().size());
    for (const TableRow& row : rows) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            columns[i].width = std::max(columns[i].width, row[i].size());
            columns[i].numbers = columns[i].numbers && (&row == &rows.front() || is_number(row[i]));
        }
    }
    return columns;
}

}  // namespace

std::string table(const std::vector<TableRow>& rows) {
    const std::vector<Column> columns = measure(rows);
    std::string text;
    for (const TableRow& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            line += i == 0 ? "" : "  ";
            line += columns[i].numbers ? fmt::format("{:>{}}", row[i], columns[i].width)
                                       : fmt::format("{:<{}}", row[i], columns[i].width);
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

}  // namespace warpsmith
