#include "tools/workload_text.hpp"

#include <algorithm>
#include <vector>

#include "templates/family.hpp"
#include "tools/arguments.hpp"

namespace warpsmith {
namespace {

std::vector<OwnCell>& known_cells() {
    static std::vector<OwnCell> cells;
    return cells;
}

}  // namespace

Workload read_workload(const std::string& text) {
    const std::size_t start = text.find_first_not_of(" \t"), end = text.find_first_of(" \t", start);
    const std::string first = start == std::string::npos ? "" : text.substr(start, end - start);
    if (!first.ends_with(".cuh")) {
        return parse_workload(text, families());
    }
    const OwnCell cell = read_own_cell(first);
    const std::string name = add_own_cell(cell, chosen_toolkit(""));
    std::vector<OwnCell>& known = known_cells();
    if (std::ranges::find(known, cell) == known.end()) {
        known.push_back(cell);
    }
    return parse_workload(end == std::string::npos ? name : name + text.substr(end), families());
}

std::span<const OwnCell> own_cells() {
    return known_cells();
}

void use_own_cells(std::span<const OwnCell> cells, const Toolkit& toolkit) {
    for (const OwnCell& cell : cells) {
        add_own_cell(cell, toolkit);
    }
}

}  // namespace warpsmith
