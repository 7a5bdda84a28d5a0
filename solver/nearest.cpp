#include "solver/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/domains.hpp"
#include "solver/listed_model.hpp"
#include "solver/search.hpp"
#include "solver/solution_set.hpp"

namespace warpsmith {
namespace {

bool is_whole(const Value& value) {
    return std::holds_alternative<std::int64_t>(value);
}

bool has_only_integers(const Expr& expr, const Model& model) {
    switch (expr.op()) {
        case Op::constant:
            return is_whole(expr.value());
        case Op::variable:
            return std::ranges::all_of(model.variables()[expr.index()].values, is_whole);
        case Op::real_divide:
            return false;
        default:
            return std::ranges::all_of(expr.operands(),
                                       [&](const Expr& operand) { return has_only_integers(operand, model); });
    }
}

Expr unless_it_holds(const Expr& condition) {
    return select(condition, 0, 1);
}

Expr distance(const Expr& condition) {
    switch (condition.op()) {
        case Op::named:
            return distance(condition.operands()[0]);
        case Op::logical_and: {
            const Expr& first = condition.operands()[0];
            return select(first, distance(condition.operands()[1]), distance(first));  // keeps guards working
        }
        case Op::logical_or: {
            const Expr& first = condition.operands()[0];
            return select(first, 0, min(distance(first), distance(condition.operands()[1])));
        }
        case Op::less_equal:
            return max(0, condition.operands()[0] - condition.operands()[1]);
        case Op::less:
            return max(0, condition.operands()[0] - condition.operands()[1] + 1);
        case Op::greater_equal:
            return max(0, condition.operands()[1] - condition.operands()[0]);
        case Op::greater:
            return max(0, condition.operands()[1] - condition.operands()[0] + 1);
        case Op::equal:
            return abs(condition.operands()[0] - condition.operands()[1]);
        default:
            return unless_it_holds(condition);
    }
}

std::optional<Solution> first_unless_failing(const Model& model) {
    std::optional<ListedModel> listed = ListedModel::unless_too_many(model, Extent::first);
    if (!listed) {
        return std::nullopt;
    }
    Found found = search_groups(**listed, Extent::first);
    return found.nothing || found.failure ? std::nullopt : first(**listed);
}

std::optional<Solution> first_below(const Model& model, const Expr& cost, std::int64_t bound) {
    Model bounded = model;
    bounded.require(cost <= bound, "a lower cost");
    return first_unless_failing(bounded);
}

bool holds(const Expr& condition, const Solution& solution) {
    return evaluate_value(select(condition, 1, 0), solution) == Value(std::int64_t{1});
}

// Large products are compared exactly, but are no Value.
std::string value_text(const Expr& expr, const Solution& solution) {
    std::optional<Value> value = value_if_any(expr, solution);
    return value ? to_string(*value) : "beyond 64 bits";
}

std::string quantity(const Expr& expr, const Solution& solution) {
    if (expr.op() == Op::constant) {
        return to_string(expr);
    }
    return fmt::format("{} is {}", to_string(expr), value_text(expr, solution));
}

// "the limit is 232448", or "capacity is 232448" when it has a name or depends on variables.
std::string bound(const Expr& expr, const Solution& solution, std::string_view role) {
    bool is_number = expr.op() != Op::named && variables_in(expr).empty();
    return is_number ? fmt::format("{} {}", role, value_text(expr, solution)) : quantity(expr, solution);
}

bool is_settled(const Expr& expr, const Solution& solution) {
    return std::ranges::all_of(variables_in(expr),
                               [&](std::size_t variable) { return solution.variables()[variable].values.size() == 1; });
}

std::string describe_comparison(const Expr& condition, const Solution& solution, bool nearest) {
    const Expr& left = condition.operands()[0];
    const Expr& right = condition.operands()[1];
    bool divides = condition.op() == Op::equal && left.op() == Op::modulo && right.op() == Op::constant &&
                   right.value() == Value(std::int64_t{0});
    if (divides) {
        const Expr& dividend = left.operands()[0];
        std::string name = dividend.op() == Op::constant ? "" : fmt::format("{} = ", to_string(dividend));
        return fmt::format("{}, which does not divide {}{}", quantity(left.operands()[1], solution), name,
                           value_text(dividend, solution));
    }
    bool fixed_bound = nearest && is_settled(right, solution) && !is_settled(left, solution);
    switch (condition.op()) {
        case Op::less:
        case Op::less_equal:
            return fmt::format(
                "{}{}, {}", quantity(left, solution), fixed_bound ? " at least" : "",
                bound(right, solution, condition.op() == Op::less ? "it must be below" : "the limit is"));
        case Op::greater:
        case Op::greater_equal:
            return fmt::format(
                "{}{}, {}", quantity(left, solution), fixed_bound ? " at most" : "",
                bound(right, solution, condition.op() == Op::greater ? "it must be above" : "needed are"));
        default:
            return fmt::format("{}, {}", quantity(left, solution),
                               bound(right, solution, condition.op() == Op::equal ? "it must be" : "it must not be"));
    }
}

std::string values_in(const Expr& condition, const Solution& solution) {
    std::string text;
    for (std::size_t variable : variables_in(condition)) {
        text += fmt::format("{}{} is {}", text.empty() ? "" : ", ", solution.variables()[variable].name,
                            to_string(solution.at(variable)));
    }
    return text;
}

}  // namespace

Expr violation_of(const Expr& condition, const Model& model) {
    return has_only_integers(condition, model) ? distance(condition) : unless_it_holds(condition);
}

std::optional<Solution> least(const Model& model, const Expr& cost) {
    std::optional<Solution> best = first_unless_failing(model);
    if (!best) {
        return std::nullopt;
    }
    // Looks below the best cost so far in steps that double while they succeed and halve when they fail.
    std::int64_t step = 1;
    bool growing = true;
    std::optional<std::int64_t> lowest = whole_value(cost, *best);
    if (!lowest) {
        return std::nullopt;
    }
    while (step > 0 && lowest > 0) {
        std::optional<Solution> better = first_below(model, cost, std::max<std::int64_t>(*lowest - step, 0));
        growing = growing && better.has_value();
        step = growing ? 2 * step : step / 2;
        best = better ? better : best;
        lowest = whole_value(cost, *best);
    }
    return best;
}

std::string describe_violation(const Expr& condition, const Solution& solution, bool nearest) {
    switch (condition.op()) {
        case Op::named:
            return describe_violation(condition.operands()[0], solution, nearest);
        case Op::logical_and: {
            bool first_holds = holds(condition.operands()[0], solution);
            return describe_violation(condition.operands()[first_holds ? 1 : 0], solution, false);
        }
        case Op::logical_or:
            return fmt::format("{}; {}", describe_violation(condition.operands()[0], solution, false),
                               describe_violation(condition.operands()[1], solution, false));
        case Op::equal:
        case Op::not_equal:
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal:
            return describe_comparison(condition, solution, nearest);
        default:
            return values_in(condition, solution);
    }
}

}  // namespace warpsmith
