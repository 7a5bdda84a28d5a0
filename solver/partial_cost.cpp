#include "solver/partial_cost.hpp"

#include <algorithm>
#include <array>

namespace warpsmith {
namespace {

Range range_of_value(const Scalar& value) {
    return range_of(std::span(&value, 1));
}

}  // namespace

PartialCost::PartialCost(const CostModel& model, TermId cost)
    : model_(model),
      cost_(cost),
      known_at_(model.levels.size()),
      open_at_(model.levels.size()),
      values_(model.terms.size()),
      estimates_(model.terms.size()) {
    for (TermId id = 0; id <= cost; ++id) {
        if (model.terms.is_constant(id)) {
            values_[id] = model.terms[id].constant;
            estimates_[id] = {range_of_value(values_[id]), failed(values_[id])};
        }
    }
    const std::vector<TermId> parts = model.parts_of(cost);
    for (std::size_t group = 0; model.starts[group] < model.deciding; ++group) {
        for (std::size_t level = model.starts[group]; level < model.starts[group + 1]; ++level) {
            for (TermId id : parts) {
                const Level deepest = model.terms[id].level;
                if (deepest == static_cast<Level>(level)) {
                    known_at_[level].push_back(id);
                } else if (deepest > static_cast<Level>(level) && model.first_group[id] <= group) {
                    open_at_[level].push_back(id);
                }
            }
        }
    }
}

void PartialCost::choose(std::size_t level, std::uint32_t code) {
    for (TermId id : known_at_[level]) {
        if (model_.terms[id].op == Op::variable) {
            values_[id] = to_scalar(model_.set.scope()->variables[model_.levels[level].variable].values[code]);
        } else {
            compute(id);
        }
        estimates_[id] = {range_of_value(values_[id]), failed(values_[id])};
    }
}

// All operands have been computed, also those that are not evaluated: their failures do not count.
void PartialCost::compute(TermId id) {
    const Term& term = model_.terms[id];
    auto operand = [&](std::size_t i) -> const Scalar& { return values_[term.operands.at(i)]; };
    switch (term.op) {
        case Op::logical_and:
        case Op::logical_or: {
            const bool decided = failed(operand(0)) || truth(operand(0)) == (term.op == Op::logical_or);
            values_[id] = decided ? operand(0) : operand(1);
            return;
        }
        case Op::select:
            values_[id] = failed(operand(0)) ? operand(0) : truth(operand(0)) ? operand(1) : operand(2);
            return;
        default:
            values_[id] = term.arity == 1 ? warpsmith::compute(term.op, operand(0))
                                          : warpsmith::compute(term.op, operand(0), operand(1));
    }
}

std::optional<Scalar> PartialCost::least(std::size_t level, NodeId node) {
    const bool known = model_.terms[cost_].level <= static_cast<Level>(level);
    const auto next = std::ranges::upper_bound(model_.starts, level);
    const std::size_t group = static_cast<std::size_t>(next - model_.starts.begin()) - 1;
    if (!known) {
        for (TermId id : open_at_[level]) {
            estimate(id, group, node);
        }
    }
    const Estimate estimate = known ? estimates_[cost_] : estimate_of(cost_, group);
    return estimate.may_fail || !estimate.range.known() ? std::nullopt : std::optional(estimate.range.low);
}

// What only groups that come later decide lies in its range over all solutions.
PartialCost::Estimate PartialCost::estimate_of(TermId id, std::size_t group) const {
    const bool later = !model_.terms.is_constant(id) && model_.first_group[id] > group;
    return later ? Estimate{model_.ranges[id], model_.terms[id].may_fail} : estimates_[id];
}

void PartialCost::estimate(TermId id, std::size_t group, NodeId node) {
    const Term& term = model_.terms[id];
    if (term.op == Op::variable) {
        estimates_[id] = {model_.reach[group].range(node, id), false};
        return;
    }
    std::array<Estimate, 3> operands;
    std::array<Range, 3> ranges;
    for (std::size_t i = 0; i < term.arity; ++i) {
        operands.at(i) = estimate_of(term.operands.at(i), group);
        ranges.at(i) = operands.at(i).range;
    }
    Range range = range_of(term.op, std::span(ranges).first(term.arity));
    estimates_[id].may_fail = may_fail(term, range, std::span(operands).first(term.arity));
    const Range& overall = model_.ranges[id];
    if (range.known() && overall.known()) {  // the latter can be the narrower one: it may have been searched for
        range.low = std::is_lt(compare(range.low, overall.low)) ? overall.low : range.low;
        range.high = std::is_gt(compare(range.high, overall.high)) ? overall.high : range.high;
    }
    estimates_[id].range = range;
}

bool PartialCost::may_fail(const Term& term, const Range& range, std::span<const Estimate> operands) {
    if (!term.may_fail) {
        return false;
    }
    const Estimate& first = operands[0];
    if (term.op == Op::select && !first.may_fail && (first.range.always_true() || first.range.always_false())) {
        return operands[first.range.always_true() ? 1 : 2].may_fail;
    }
    const bool decides = (term.op == Op::logical_and && first.range.always_false()) ||
                         (term.op == Op::logical_or && first.range.always_true());
    if (decides) {
        return first.may_fail;
    }
    if (std::ranges::any_of(operands, &Estimate::may_fail)) {
        return true;
    }
    const bool divides = term.op == Op::floor_divide || term.op == Op::real_divide || term.op == Op::modulo;
    const bool chooses = term.op == Op::select || term.op == Op::logical_and || term.op == Op::logical_or;
    const bool takes_all = chooses || term.op == Op::logical_not || term.op == Op::equal || term.op == Op::not_equal;
    const bool numbers = std::ranges::all_of(operands, [](const Estimate& operand) { return operand.range.known(); });
    return (divides && !operands[1].range.always_true()) || (!takes_all && (!numbers || !range.known()));
}

}  // namespace warpsmith
