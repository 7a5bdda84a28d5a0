#include "solver/cost_model.hpp"

#include <algorithm>
#include <numeric>

#include "solver/domains.hpp"

namespace warpsmith {

Reach::Reach(const SolutionSet& set, std::size_t group, const Terms& terms, std::span<const TermId> variables) {
    const Diagram& diagram = set.groups()[group];
    for (std::size_t position = 0; position < diagram.variables().size(); ++position) {
        const TermId term = variables[diagram.variables()[position]];
        if (terms[term].op == Op::variable) {
            add_column(set.scope()->variables[diagram.variables()[position]], term, position, terms[term].whole());
        }
    }
    spans_.resize(diagram.size() * columns_.size());
    std::vector<std::size_t> height(diagram.size(), 0);
    for (NodeId node = Diagram::kEnd + 1; node < diagram.size(); ++node) {  // children come before their parents
        height[node] = height[diagram.edge(node, 0).child] + 1;
        widen(node, diagram.variables().size() - height[node], diagram);
    }
}

void Reach::add_column(const Variable& variable, TermId term, std::size_t position, bool whole) {
    Column column{.variable = term, .position = position, .sorted = {}, .ranks = {}, .whole = whole};
    std::ranges::transform(variable.values, std::back_inserter(column.sorted), to_scalar);
    auto is_text = [](const Scalar& value) { return std::holds_alternative<std::string_view>(value); };
    if (std::ranges::any_of(column.sorted, is_text)) {
        column.sorted.clear();
    }
    std::ranges::sort(column.sorted,
                      [](const Scalar& left, const Scalar& right) { return is_lt(compare(left, right)); });
    for (const Value& value : variable.values) {
        auto is_it = [&](const Scalar& sorted) { return is_eq(compare(sorted, to_scalar(value))); };
        column.ranks.push_back(
            static_cast<std::uint32_t>(std::ranges::find_if(column.sorted, is_it) - column.sorted.begin()));
    }
    columns_.push_back(std::move(column));
}

void Reach::widen(NodeId node, std::size_t position, const Diagram& diagram) {
    for (std::size_t i = 0; i < diagram.edge_count(node); ++i) {
        const Diagram::Edge edge = diagram.edge(node, i);
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            Span& span = spans_[node * columns_.size() + c];
            const bool own = columns_[c].position == position;
            const std::uint32_t rank = own ? columns_[c].ranks[edge.code] : 0;
            const Span seen = own ? Span{rank, rank} : spans_[edge.child * columns_.size() + c];
            span.low = std::min(span.low, seen.low);
            span.high = std::max(span.high, seen.high);
        }
    }
}

Range Reach::range(NodeId node, TermId variable) const {
    const auto column = std::ranges::find(columns_, variable, &Column::variable);
    if (column->sorted.empty()) {
        return {};
    }
    const Span& span = spans_[node * columns_.size() + static_cast<std::size_t>(column - columns_.begin())];
    return {.low = column->sorted[span.low], .high = column->sorted[span.high], .whole = column->whole};
}

CostModel::CostModel(const SolutionSet& solutions, const Expr& expr) : set(solutions) {
    order_levels(expr);
    std::vector<TermId> variables(levels.size());
    for (std::size_t level = 0; level < levels.size(); ++level) {
        const std::size_t variable = levels[level].variable;
        std::vector<Scalar> values;
        for (std::uint32_t code : set.possible(variable)) {
            values.push_back(to_scalar(set.scope()->variables[variable].values[code]));
        }
        variables[variable] = terms.variable(static_cast<Level>(level), values);
    }
    cost = translate(terms, expr, variables);
    for (std::size_t i = 0; starts[i] < deciding; ++i) {
        reach.emplace_back(set, levels[starts[i]].group, terms, variables);
    }
    classify_new_terms();
}

void CostModel::order_levels(const Expr& expr) {
    std::vector<bool> decides(set.groups().size());
    for (std::size_t variable : variables_in(expr)) {
        decides[set.group_of(variable)] = true;
    }
    std::vector<std::size_t> order(set.groups().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_partition(order.begin(), order.end(), [&](std::size_t group) { return decides[group]; });
    for (std::size_t group : order) {
        starts.push_back(levels.size());
        for (std::size_t variable : set.groups()[group].variables()) {
            levels.push_back({.group = group, .variable = variable});
        }
        deciding = decides[group] ? levels.size() : deciding;
    }
    starts.push_back(levels.size());
}

void CostModel::classify_new_terms() {
    const std::size_t none = starts.size();
    for (auto id = static_cast<TermId>(ranges.size()); id < terms.size(); ++id) {
        const Term& term = terms[id];
        std::size_t first = none;
        std::size_t last = 0;
        if (term.op == Op::variable) {
            const auto next = std::ranges::upper_bound(starts, static_cast<std::size_t>(term.level));
            first = last = static_cast<std::size_t>(next - starts.begin()) - 1;
        }
        for (TermId operand : term.operand_ids()) {
            if (first_group[operand] != none) {
                first = std::min(first, first_group[operand]);
                last = std::max(last, last_group[operand]);
            }
        }
        first_group.push_back(first);
        last_group.push_back(first == none ? none : last);
        ranges.push_back(term.range);
    }
}

TermId CostModel::negated(TermId term) {
    const TermId result = terms.apply(Op::negate, {term});
    classify_new_terms();
    return result;
}

std::vector<TermId> CostModel::parts_of(TermId term) const {
    std::vector<bool> used(terms.size());
    used[term] = true;
    std::vector<TermId> parts;
    for (TermId id = term + 1; id-- > 0;) {
        if (used[id] && !terms.is_constant(id)) {
            parts.push_back(id);
            for (TermId operand : terms[id].operand_ids()) {
                used[operand] = true;
            }
        }
    }
    std::ranges::reverse(parts);
    return parts;
}

}  // namespace warpsmith
