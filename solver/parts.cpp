#include "solver/parts.hpp"

#include <algorithm>
#include <limits>

namespace warpsmith {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

Bounds bounds_of_variable(const Variable& variable) {
    if (variable.values.empty()) {
        return {};
    }
    std::int64_t low = kHighest;
    std::int64_t high = kLowest;
    for (const Value& value : variable.values) {
        const auto* integer = std::get_if<std::int64_t>(&value);
        if (integer == nullptr) {
            return {};
        }
        low = std::min(low, *integer);
        high = std::max(high, *integer);
    }
    return bounds_between(low, high);
}

bool is_point(const Bounds& bounds) {
    return bounds.known() && bounds.low == bounds.high;
}

}  // namespace

std::optional<Parts> Parts::of(const Model& model) {
    if (model.variables().size() > kMostVariables) {
        return std::nullopt;
    }
    Parts parts(model.variables().size());
    std::vector<PartId> conditions;
    for (const Constraint& constraint : model.constraints()) {
        conditions.push_back(parts.part_of(model, constraint.condition));
        if (parts.visits_ > kMostVisits) {
            return std::nullopt;
        }
    }
    for (const PartId condition : conditions) {
        parts.require(condition);
    }
    for (Part& part : parts.parts_) {
        const Bounds bounds = parts.computed(part);
        if (part.arity > 0 && bounds.known()) {
            part.bounds.low = std::max(part.bounds.low, bounds.low);
            part.bounds.high = std::min(part.bounds.high, bounds.high);
        }
    }
    parts.find_limits();
    return parts;
}

// Recurses no deeper than Expr::kMaxDepth. Stops at kMostVisits.
PartId Parts::part_of(const Model& model, const Expr& expr) {
    if (++visits_ > kMostVisits || expr.operands().empty()) {
        return leaf(model, expr);
    }
    if (expr.op() == Op::named) {
        const auto known = named_.find(expr.node());
        return known != named_.end() ? known->second : named_[expr.node()] = part_of(model, expr.operands()[0]);
    }
    Part part{.op = expr.op()};
    for (const Expr& operand : expr.operands()) {
        const PartId id = part_of(model, operand);
        part.operands.at(part.arity++) = id;
        part.variables |= parts_[id].variables;
    }
    part.bounds = computed(part);
    return intern(part, std::uint64_t{part.operands[1]} << 32U | part.operands[2]);
}

PartId Parts::leaf(const Model& model, const Expr& expr) {
    if (expr.op() == Op::variable) {
        std::optional<PartId>& id = variables_[expr.index()];
        if (!id) {
            const Part variable{.op = Op::variable,
                                .variables = std::uint64_t{1} << expr.index(),
                                .bounds = bounds_of_variable(model.variables()[expr.index()])};
            id = intern(variable, expr.index());
        }
        return *id;
    }
    const auto* integer = expr.op() == Op::constant ? std::get_if<std::int64_t>(&expr.value()) : nullptr;
    const Part constant{.bounds = integer != nullptr ? bounds_of(*integer) : Bounds{}};
    return intern(constant, constant.bounds.known() ? static_cast<std::uint64_t>(*integer) : std::uint64_t{1} << 63U);
}

PartId Parts::intern(const Part& part, std::uint64_t detail) {
    const std::array key = {std::uint64_t{part.operands[0]} << 32U | static_cast<std::uint64_t>(part.op), detail};
    const PartId id = known_.insert(key);
    if (id == parts_.size()) {
        parts_.push_back(part);
    }
    return id;
}

Bounds Parts::computed(const Part& part) const {
    std::array<Bounds, 3> operands{};
    for (std::size_t i = 0; i < part.arity; ++i) {
        operands.at(i) = parts_[part.operands.at(i)].bounds;
    }
    return part.arity == 0 ? part.bounds : bounds_of(part.op, std::span(operands.data(), part.arity));
}

void Parts::require(PartId id) {
    const Part part = parts_[id];
    const auto known = [&](PartId operand) { return parts_[operand].bounds.known(); };
    if (part.op == Op::logical_and && std::ranges::all_of(part.operand_ids(), known)) {
        require(part.operands[0]);
        require(part.operands[1]);
        return;
    }
    parts_[id].must_hold = true;
    if (part.arity == 2 && std::ranges::all_of(part.operand_ids(), known)) {
        relate(part.op, part.operands[0], part.operands[1]);
    }
}

void Parts::relate(Op op, PartId left, PartId right) {
    if (op == Op::greater || op == Op::greater_equal) {
        return relate(op == Op::greater ? Op::less : Op::less_equal, right, left);
    }
    const std::int64_t gap = op == Op::less ? 1 : 0;
    const Bounds before = parts_[left].bounds;
    const Bounds after = parts_[right].bounds;
    if (op == Op::less || op == Op::less_equal) {
        narrow(left, kLowest, after.high - gap);
        narrow(right, before.low + gap, kHighest);
    } else if (op == Op::equal) {
        narrow(left, after.low, after.high);
        narrow(right, before.low, before.high);
        const Part& modulo = parts_[left];
        const bool divides = modulo.op == Op::modulo && is_point(after) && after.low == 0;
        const Bounds dividend = divides ? parts_[modulo.operands[0]].bounds : Bounds{};
        if (dividend.known() && dividend.low >= 1) {
            narrow(modulo.operands[1], kLowest, dividend.high);
        }
    }
}

// What leaves nothing is not noted here: the search finds out.
void Parts::narrow(PartId id, std::int64_t low, std::int64_t high) {
    Part& part = parts_[id];
    low = std::max(low, part.bounds.low);
    high = std::min(high, part.bounds.high);
    if (!part.bounds.known() || low > high) {
        return;
    }
    part.bounds.low = low;
    part.bounds.high = high;
    const auto [left, right, unused] = part.operands;
    for (const auto& [inner, factor] : {std::pair(left, right), std::pair(right, left)}) {
        const Bounds known = part.op == Op::multiply ? parts_[factor].bounds : Bounds{};
        if (is_point(known) && known.low >= 1) {
            narrow(inner, low <= 0 ? low / known.low : (low - 1) / known.low + 1,
                   high >= 0 ? high / known.low : -((-high - 1) / known.low + 1));
            return;
        }
    }
}

void Parts::find_limits() {
    for (const Part& part : parts_) {
        const auto is_constant = [&](PartId operand) { return parts_[operand].variables == 0; };
        ProductLimit limit{.factors = {}, .variables = part.variables, .limit = part.bounds.high};
        if (part.op == Op::multiply && std::ranges::none_of(part.operand_ids(), is_constant) && part.bounds.known() &&
            part.bounds.high < computed(part).high &&
            std::ranges::all_of(part.operand_ids(), [&](PartId id) { return collect_factors(id, limit); })) {
            limits_.push_back(std::move(limit));
        }
    }
}

// Whether there are only variables among them, and each is at least 1.
bool Parts::collect_factors(PartId id, ProductLimit& limit) const {
    const Part& part = parts_[id];
    if (part.op == Op::multiply) {
        return collect_factors(part.operands[0], limit) && collect_factors(part.operands[1], limit);
    }
    limit.factors.push_back(id);
    return part.op == Op::variable && part.bounds.known() && part.bounds.low >= 1;
}

}  // namespace warpsmith
