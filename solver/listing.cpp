#include "solver/listing.hpp"

#include <algorithm>

namespace warpsmith {
namespace {

constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

}  // namespace

Listing::Listing(std::span<const Diagram> groups, std::size_t variables)
    : groups_(groups), group_of_(variables), repeats_(variables), written_at_(groups.size()) {
    for (std::size_t group = 0; group < groups.size(); ++group) {
        current_.push_back(groups[group].root());
        written_at_[group].assign(groups[group].size(), kNowhere);
        for (std::size_t variable : groups[group].variables()) {
            group_of_[variable] = group;
        }
    }
    for (std::size_t variable = 0; variable < variables; ++variable) {
        repeats_[variable] = others_are_untouched(variable);
    }
}

void Listing::write(SolutionTable& table, std::uint64_t begin) {
    table_ = &table;
    begin_ = begin;
    write(0, 0, begin);
}

// Writes the variables from `variable` on, for the values that have been chosen before it, without the first `skipped`
// solutions. Returns the next row.
std::size_t Listing::write(std::size_t variable, std::size_t first, Count skipped) {
    if (variable == group_of_.size()) {
        return first + 1;
    }
    const std::size_t group = group_of_[variable];
    const Diagram& diagram = groups_[group];
    const NodeId node = current_[group];
    const Count others = count_of_others(group);
    std::uint64_t& written_at = written_at_[group][node];
    const std::size_t rows_left = table_->rows() - first;
    if (repeats_[variable] && skipped == 0) {
        if (written_at != kNowhere && written_at >= begin_) {
            const Count rows = std::min<Count>(multiply_counts(others, diagram.count(node)), rows_left);
            copy(variable, static_cast<std::size_t>(written_at - begin_), first, static_cast<std::size_t>(rows));
            return first + static_cast<std::size_t>(rows);
        }
        written_at = begin_ + first;
    }
    for (std::size_t i = 0; i < diagram.edge_count(node) && first < table_->rows(); ++i) {
        const Diagram::Edge edge = diagram.edge(node, i);
        const Count all = multiply_counts(others, diagram.count(edge.child));
        if (skipped >= all) {
            skipped -= all;
            continue;
        }
        const Count rows = std::min<Count>(all - skipped, table_->rows() - first);
        table_->fill(variable, first, static_cast<std::size_t>(rows), edge.code);
        current_[group] = edge.child;
        first = write(variable + 1, first, skipped);
        skipped = 0;
    }
    current_[group] = node;
    return first;
}

// Then the node of the variable's own group determines everything from this variable on.
bool Listing::others_are_untouched(std::size_t variable) const {
    return std::ranges::all_of(groups_, [&](const Diagram& group) {
        const bool own = &group == &groups_[group_of_[variable]];
        return own || group.variables().front() >= variable || group.variables().back() < variable;
    });
}

Count Listing::count_of_others(std::size_t group) const {
    Count product = 1;
    for (std::size_t other = 0; other < groups_.size(); ++other) {
        product = other == group ? product : multiply_counts(product, groups_[other].count(current_[other]));
    }
    return product;
}

void Listing::copy(std::size_t variable, std::size_t source, std::size_t first, std::size_t rows) {
    for (; variable < group_of_.size(); ++variable) {
        table_->repeat(variable, source, first, rows);
    }
}

}  // namespace warpsmith
