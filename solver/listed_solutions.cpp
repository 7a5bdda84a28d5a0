// A SolutionSet of solutions that are known already: their decision diagram, built from the last one to the first.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "solver/error.hpp"
#include "solver/solution_set.hpp"

namespace warpsmith {
namespace {

using Rows = std::span<const std::vector<std::uint32_t>>;

void check(const std::vector<Variable>& variables, Rows rows) {
    for (const std::vector<std::uint32_t>& row : rows) {
        bool fits = row.size() == variables.size();
        for (std::size_t variable = 0; fits && variable < row.size(); ++variable) {
            fits = row[variable] < variables[variable].values.size();
        }
        if (!fits) {
            throw Error(
                fmt::format("making a set of {} solutions: one of them has not a value of each of the {} "
                            "variables; give the place of a value for each",
                            rows.size(), variables.size()));
        }
    }
}

// The node below which these rows, ascending and alike in all variables before this one, are.
NodeId node_of(Diagram& diagram, Rows rows, std::size_t variable) {
    if (variable == diagram.variables().size()) {
        return Diagram::kEnd;
    }
    std::vector<std::uint64_t> edges;
    while (!rows.empty()) {
        const std::uint32_t code = rows.front()[variable];
        const auto end = std::ranges::find_if(rows, [&](const auto& row) { return row[variable] != code; });
        const auto count = static_cast<std::size_t>(end - rows.begin());
        edges.push_back(Diagram::pack({code, node_of(diagram, rows.first(count), variable + 1)}));
        rows = rows.subspan(count);
    }
    return diagram.node(edges);
}

}  // namespace

SolutionSet::SolutionSet(std::vector<Variable> variables, std::vector<std::vector<std::uint32_t>> rows)
    : group_of_(variables.size(), 0) {
    check(variables, rows);
    std::ranges::sort(rows);
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    std::vector<std::size_t> all(variables.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    scope_ = std::make_shared<const Scope>(Scope{std::move(variables), {}});
    if (!rows.empty()) {
        Diagram diagram(std::move(all));
        diagram.set_root(node_of(diagram, rows, 0));
        count_ = diagram.count();
        found_.groups.push_back(std::move(diagram));
    } else {
        found_.nothing = true;
    }
}

}  // namespace warpsmith
