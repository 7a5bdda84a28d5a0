// Places in the lexicographic order of all solutions, found on the diagrams. A variable's value decides between blocks
// of solutions; a block has as many as the child's node times those of the other groups, wherever their variables
// stand.
#include <fmt/format.h>

#include "solver/error.hpp"
#include "solver/solution_set.hpp"

namespace warpsmith {

std::vector<NodeId> SolutionSet::roots() const {
    std::vector<NodeId> roots;
    for (const Diagram& group : found_.groups) {
        roots.push_back(group.root());
    }
    return roots;
}

Count SolutionSet::count_of_others(std::span<const NodeId> nodes, std::size_t group) const {
    Count product = 1;
    for (std::size_t other = 0; other < nodes.size(); ++other) {
        product = other == group ? product : multiply_counts(product, found_.groups[other].count(nodes[other]));
    }
    return product;
}

Solution SolutionSet::at(Count place) const {
    if (place >= count_) {
        throw Error(fmt::format("looking up solution {}: there are {}, counted from 0", place, count_));
    }
    std::vector<NodeId> nodes = roots();
    std::vector<std::uint32_t> choices(group_of_.size());
    for (std::size_t variable = 0; variable < choices.size(); ++variable) {
        const std::size_t group = group_of_[variable];
        const Diagram& diagram = found_.groups[group];
        const Count others =
            count_of_others(nodes, group);  // where it is beyond 128 bits, `place` is in its first block
        Count blocks = place / others;
        std::size_t i = 0;
        for (; blocks >= diagram.count(diagram.edge(nodes[group], i).child); ++i) {
            blocks -= diagram.count(diagram.edge(nodes[group], i).child);
        }
        place = blocks * others + place % others;
        choices[variable] = diagram.edge(nodes[group], i).code;
        nodes[group] = diagram.edge(nodes[group], i).child;
    }
    return {scope_, std::move(choices)};
}

std::optional<Count> SolutionSet::rank(std::span<const std::uint32_t> choices) const {
    if (count_ == 0 || choices.size() != group_of_.size()) {
        return std::nullopt;
    }
    std::vector<NodeId> nodes = roots();
    Count place = 0;
    for (std::size_t variable = 0; variable < choices.size(); ++variable) {
        const std::size_t group = group_of_[variable];
        const Diagram& diagram = found_.groups[group];
        const NodeId child = diagram.child(nodes[group], choices[variable]);
        if (child == Diagram::kNone) {
            return std::nullopt;
        }
        Count before = 0;
        for (std::size_t i = 0; diagram.edge(nodes[group], i).code != choices[variable]; ++i) {
            before = add_counts(before, diagram.count(diagram.edge(nodes[group], i).child));
        }
        place = add_counts(place, multiply_counts(before, count_of_others(nodes, group)));
        nodes[group] = child;
    }
    return place;
}

std::vector<std::vector<Count>> SolutionSet::marginals() const {
    std::vector<std::vector<Count>> counts;
    for (const Variable& variable : scope_->variables) {
        counts.emplace_back(variable.values.size(), 0);
    }
    for (std::size_t group = 0; count_ != 0 && group < found_.groups.size(); ++group) {
        count_values(group, counts);
    }
    return counts;
}

void SolutionSet::count_values(std::size_t group, std::vector<std::vector<Count>>& counts) const {
    const Diagram& diagram = found_.groups[group];
    const Count others = count_of_others(roots(), group);
    std::vector<Count> paths(diagram.size(), 0);  // by node: from the root to it
    std::vector<std::size_t> position(diagram.size(), 0);
    paths[diagram.root()] = 1;
    for (NodeId node = diagram.root(); node != Diagram::kEnd; --node) {  // parents come after their children
        for (std::size_t i = 0; paths[node] != 0 && i < diagram.edge_count(node); ++i) {
            const Diagram::Edge edge = diagram.edge(node, i);
            paths[edge.child] = add_counts(paths[edge.child], paths[node]);
            position[edge.child] = position[node] + 1;
            Count& total = counts[diagram.variables()[position[node]]][edge.code];
            const Count here = multiply_counts(paths[node], diagram.count(edge.child));
            total = add_counts(total, multiply_counts(here, others));
        }
    }
}

}  // namespace warpsmith
