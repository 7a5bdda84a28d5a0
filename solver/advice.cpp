#include "solver/advice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "solver/conflict.hpp"
#include "solver/listed_model.hpp"
#include "solver/nearest.hpp"
#include "solver/search.hpp"
#include "solver/solution_set.hpp"

namespace warpsmith {
namespace {

// Those of the allowed values that are next to the given one, when there are too many to list.
std::string nearest_listed(const std::vector<Value>& allowed, std::int64_t given) {
    constexpr std::size_t kShown = 8;
    if (allowed.size() <= kShown) {
        return listed(allowed);
    }
    const Value* below = nullptr;
    const Value* above = nullptr;
    for (const Value& value : allowed) {
        if (value < Value(given) && (below == nullptr || *below < value)) {
            below = &value;
        } else if (Value(given) < value && (above == nullptr || value < *above)) {
            above = &value;
        }
    }
    std::vector<Value> nearest;
    for (const Value* value : {below, above}) {
        if (value != nullptr) {
            nearest.push_back(*value);
        }
    }
    return fmt::format("{} (the nearest of {} values)", listed(nearest), allowed.size());
}

std::optional<std::string> replacements(const Model& model, const FixedValues& fixed, std::size_t position) {
    const auto& [name, given] = fixed[position];
    FixedValues others = fixed;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(position));
    const Model asked = with_values(model, others);
    const std::optional<ListedModel> listed_model = ListedModel::unless_too_many(asked, Extent::all);
    if (!listed_model) {
        return std::nullopt;
    }
    const SolutionSet set(**listed_model);
    const auto variable = static_cast<std::size_t>(std::ranges::find(model.variables(), name, &Variable::name) -
                                                   model.variables().begin());
    std::vector<Value> allowed;
    for (std::uint32_t code : set.possible(variable)) {
        allowed.push_back(set.scope()->variables[variable].values[code]);
    }
    if (allowed.empty()) {
        return std::nullopt;
    }
    return fmt::format("{} can be {}{}", name, nearest_listed(allowed, given),
                       others.empty() ? "" : " with the other values as given");
}

std::string kept_text(const FixedValues& kept, const Solution& solution) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : kept) {
        texts.push_back(fmt::format("{}={}", name, value));
    }
    std::string condition = kept.empty() ? "without these values" : fmt::format("with {} alone", fmt::join(texts, " "));
    return fmt::format("{} there are solutions, the first is {}", condition, to_string(solution));
}

// As many of the given values as can stay together, the first ones first.
std::vector<std::string> compatible_values(const Model& model, const FixedValues& fixed) {
    constexpr std::size_t kMostTried = 12;  // subsets of so many values are few enough to try
    std::size_t tried = std::min(fixed.size(), kMostTried);
    for (std::size_t size = tried; size-- > 0;) {
        std::vector<char> stays(tried, 0);
        std::fill_n(stays.begin(), size, 1);
        do {
            FixedValues kept;
            for (std::size_t i = 0; i < tried; ++i) {
                if (stays[i] != 0) {
                    kept.push_back(fixed[i]);
                }
            }
            if (fits(model, kept)) {
                return {kept_text(kept, *first(with_values(model, kept)))};
            }
        } while (std::ranges::prev_permutation(stays).found);
    }
    return {};
}

constexpr std::int64_t kLargestConstant = std::int64_t{1} << 62U;  // sums of two are still 64-bit numbers

std::optional<std::int64_t> moderate(const Expr& expr, const Solution& solution) {
    std::optional<std::int64_t> value = whole_value(expr, solution);
    return value && std::abs(*value) < kLargestConstant ? value : std::nullopt;
}

bool is_number(const Expr& expr) {
    return expr.op() == Op::constant && std::holds_alternative<std::int64_t>(expr.value());
}

// The constant that makes `op` hold between it, on the right, and a value on the left.
std::int64_t bound_for(Op op, std::int64_t value) {
    return op == Op::less ? value + 1 : op == Op::greater ? value - 1 : value;
}

Op mirrored(Op op) {
    switch (op) {
        case Op::less:
            return Op::greater;
        case Op::less_equal:
            return Op::greater_equal;
        case Op::greater:
            return Op::less;
        case Op::greater_equal:
            return Op::less_equal;
        default:
            return op;
    }
}

bool holds(const Expr& condition, const Solution& solution) {
    return whole_value(select(condition, 1, 0), solution) == 1;
}

// Whether the condition is `c % x == 0` for a number c.
bool divides_a_number(const Expr& condition) {
    return condition.op() == Op::equal && condition.operands()[0].op() == Op::modulo &&
           is_number(condition.operands()[0].operands()[0]) && is_number(condition.operands()[1]) &&
           condition.operands()[1].value() == Value(std::int64_t{0});
}

// How far c is from the next positive multiple of x, on either side.
Expr distance_to_multiple(const Expr& dividend, const Expr& divisor) {
    Expr rest = dividend % divisor;
    Expr nearest = select(dividend < divisor, divisor - dividend, min(rest, divisor - rest));
    return select(divisor > 0, nearest, kLargestConstant);
}

std::optional<Expr> changed_dividend(const Expr& condition, const Solution& solution) {
    const Expr& remainder = condition.operands()[0];
    std::optional<std::int64_t> dividend = moderate(remainder.operands()[0], solution);
    std::optional<std::int64_t> divisor = moderate(remainder.operands()[1], solution);
    if (!dividend || !divisor || *dividend <= 0 || *divisor <= 0) {
        return std::nullopt;
    }
    std::int64_t below = *dividend / *divisor * *divisor;
    std::int64_t above = below + *divisor;
    bool is_nearer = below > 0 && *dividend - below <= above - *dividend;
    return Expr(is_nearer ? below : above) % remainder.operands()[1] == condition.operands()[1];
}

// The comparison with the nearest constant for which it holds.
std::optional<Expr> changed_comparison(const Expr& condition, const Solution& solution) {
    const Expr& left = condition.operands()[0];
    const Expr& right = condition.operands()[1];
    if (divides_a_number(condition)) {
        return changed_dividend(condition, solution);
    }
    bool is_bound = is_number(right);
    std::optional<std::int64_t> value = moderate(is_bound ? left : right, solution);
    if (!value || (!is_bound && !is_number(left))) {
        return std::nullopt;
    }
    return is_bound ? Expr::apply(condition.op(), {left, bound_for(condition.op(), *value)})
                    : Expr::apply(condition.op(), {bound_for(mirrored(condition.op()), *value), right});
}

std::optional<Expr> changed_condition(const Expr& condition, const Solution& solution) {
    if (holds(condition, solution)) {
        return condition;
    }
    switch (condition.op()) {
        case Op::logical_and: {
            std::optional<Expr> left = changed_condition(condition.operands()[0], solution);
            std::optional<Expr> right = left ? changed_condition(condition.operands()[1], solution) : std::nullopt;
            return right ? std::optional(*left && *right) : std::nullopt;
        }
        case Op::less:
        case Op::less_equal:
        case Op::greater:
        case Op::greater_equal:
        case Op::equal:
            return changed_comparison(condition, solution);
        default:
            return std::nullopt;
    }
}

// How much the constant of the condition has to change.
Expr size_of_change(const Expr& condition, const Model& model) {
    if (divides_a_number(condition)) {
        const Expr& remainder = condition.operands()[0];
        return distance_to_multiple(remainder.operands()[0], remainder.operands()[1]);
    }
    return violation_of(condition, model);
}

// The condition with the nearest constant for which the others leave something.
std::optional<Expr> nearest_change(const Model& others, const Expr& condition) {
    std::optional<Solution> nearest = least(others, size_of_change(condition, others));
    std::optional<Expr> changed = nearest ? changed_condition(condition, *nearest) : std::nullopt;
    if (!changed) {
        return std::nullopt;
    }
    Model with_change = others;
    with_change.require(*changed, "the change");
    return first(with_change) ? changed : std::nullopt;
}

}  // namespace

std::vector<std::string> better_values(const Model& model, const FixedValues& fixed) {
    if (!fits(model, {})) {
        return {};
    }
    std::vector<std::string> advice;
    for (std::size_t position = 0; position < fixed.size(); ++position) {
        if (std::optional<std::string> better = replacements(model, fixed, position)) {
            advice.push_back(std::move(*better));
        }
    }
    return advice.empty() ? compatible_values(model, fixed) : advice;
}

std::vector<std::string> changed_constraints(const Model& model, std::span<const std::size_t> constraints) {
    std::vector<std::string> advice;
    for (std::size_t position : constraints) {
        std::vector<std::size_t> positions;
        for (std::size_t i = 0; i < model.constraints().size(); ++i) {
            if (i != position) {
                positions.push_back(i);
            }
        }
        Model others = with_constraints(model, positions);
        if (!has_solution(others)) {
            continue;
        }
        const Constraint& constraint = model.constraints()[position];
        std::optional<Expr> changed = nearest_change(others, constraint.condition);
        advice.push_back(
            changed ? fmt::format("\"{}\" instead of \"{}\"", to_string(*changed), to_string(constraint.condition))
                    : fmt::format("without \"{}\" there are solutions", constraint.reason));
    }
    return advice;
}

}  // namespace warpsmith
