#include "solver/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <set>

#include "solver/error.hpp"
#include "solver/scalar.hpp"

namespace warpsmith {
namespace {

// Numbers before text; 1 and 1.0 are the same value, as in Python.
struct ValueOrder {
    bool operator()(const Value& left, const Value& right) const {
        std::partial_ordering order = compare(to_scalar(left), to_scalar(right));
        return order == std::partial_ordering::unordered ? left.index() < right.index() : std::is_lt(order);
    }
};

// Integers that only rise or only fall repeat nothing: most lists, and all that are large, are such.
bool is_monotone(std::span<const Value> values) {
    auto in_order = [&](auto order) {
        return std::ranges::adjacent_find(values, [&](const Value& left, const Value& right) {
                   const auto* first = std::get_if<std::int64_t>(&left);
                   const auto* second = std::get_if<std::int64_t>(&right);
                   return first == nullptr || second == nullptr || !order(*first, *second);
               }) == values.end();
    };
    return in_order(std::less{}) || in_order(std::greater{});
}

std::vector<Value> without_repetitions(std::span<const Value> values) {
    if (is_monotone(values)) {
        return {values.begin(), values.end()};
    }
    std::set<Value, ValueOrder> seen;
    std::vector<Value> distinct;
    std::ranges::copy_if(values, std::back_inserter(distinct),
                         [&](const Value& value) { return seen.insert(value).second; });
    return distinct;
}

}  // namespace

Expr Model::variable(std::string name, std::vector<std::int64_t> values, std::string meaning) {
    std::vector<Value> any(values.begin(), values.end());
    return variable(std::move(name), std::span<const Value>(any), std::move(meaning));
}

Expr Model::variable(std::string name, std::span<const Value> values, std::string meaning) {
    for (const Value& value : values) {
        const auto* real = std::get_if<double>(&value);
        if (real != nullptr && !std::isfinite(*real)) {
            throw Error(fmt::format("building a model: the variable {} has the value {}; values must be finite", name,
                                    to_string(value)));
        }
    }
    Expr reference = introduce(name, Expr::variable(name, variables_.size()));
    variables_.push_back({std::move(name), without_repetitions(values), std::move(meaning), std::nullopt});
    return reference;
}

Expr Model::range_variable(std::string name, const ValueRange& range, std::string meaning) {
    constexpr std::uint64_t kListedAtOnce = 4096;
    std::uint64_t values = size(range);
    if (values > kListedAtOnce) {
        return variable({std::move(name), {}, std::move(meaning), range});
    }
    std::vector<std::int64_t> list;
    for (std::uint64_t i = 0; i < values; ++i) {
        list.push_back(static_cast<std::int64_t>(range.first + static_cast<Int128>(i) * range.step));
    }
    return variable(std::move(name), std::move(list), std::move(meaning));
}

Expr Model::variable(const Variable& variable) {
    Expr reference = introduce(variable.name, Expr::variable(variable.name, variables_.size()));
    variables_.push_back(variable);
    return reference;
}

Expr Model::define(std::string name, const Expr& value) {
    check_variables(value, name);
    Expr reference = introduce(name, Expr::named(name, value));
    definitions_.push_back({std::move(name), value});
    return reference;
}

void Model::require(const Expr& condition, std::string reason) {
    check_variables(condition, reason);
    constraints_.push_back({condition, std::move(reason)});
}

void Model::minimize(const Expr& cost) {
    check_variables(cost, "the cost");
    cost_ = cost;
}

std::optional<Expr> Model::find(std::string_view name) const {
    auto found = names_.find(name);
    return found == names_.end() ? std::nullopt : std::optional<Expr>(found->second);
}

std::vector<std::string> Model::names() const {
    std::vector<std::string> names;
    for (const auto& [name, expr] : names_) {
        names.push_back(name);
    }
    return names;
}

Expr Model::introduce(const std::string& name, const Expr& expr) {
    if (!names_.emplace(name, expr).second) {
        throw Error(fmt::format("building a model: the name \"{}\" is used twice; choose another", name));
    }
    return expr;
}

void Model::check_variables(const Expr& expr, std::string_view where) const {
    if (expr.op() == Op::variable) {
        bool ours = expr.index() < variables_.size() && variables_[expr.index()].name == expr.name();
        if (!ours) {
            throw Error(
                fmt::format("building a model: \"{}\" uses the variable {}, which belongs to another model; "
                            "declare it in this one",
                            where, expr.name()));
        }
    }
    for (const Expr& operand : expr.operands()) {
        check_variables(operand, where);
    }
}

}  // namespace warpsmith
