#include "solver/fixed_values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "solver/conflict.hpp"
#include "solver/error.hpp"
#include "solver/source_text.hpp"

namespace warpsmith {
namespace {

Expr is_in_list(const Expr& variable, std::span<const Value> values) {
    Expr any = 0;
    for (const Value& value : values) {
        any = any.op() == Op::constant ? variable == Expr::constant(value) : any || variable == Expr::constant(value);
    }
    return any;
}

bool has_value(const Variable& variable, std::int64_t value) {
    return variable.range ? contains(*variable.range, value)
                          : std::ranges::find(variable.values, Value(value)) != variable.values.end();
}

// That a value is one of the variable's, as a constraint.
Constraint membership(const Expr& reference, const Variable& variable) {
    if (!variable.range) {
        return {is_in_list(reference, variable.values),
                fmt::format("{} is {}", variable.name, listed(variable.values))};
    }
    const auto [first, last, step] = *variable.range;
    const Expr within = min(first, last) <= reference && reference <= max(first, last);
    const std::string steps = step == 1 ? "" : fmt::format(" in steps of {}", step);
    return {within && (reference - first) % step == 0,
            fmt::format("{} is {} to {}{}", variable.name, first, last, steps)};
}

void check_names(const Model& model, const FixedValues& fixed) {
    std::vector<std::string> names;
    std::ranges::transform(model.variables(), std::back_inserter(names), &Variable::name);
    for (const auto& [name, value] : fixed) {
        if (std::ranges::find(names, name) == names.end()) {
            throw Error(fmt::format("explaining: there is no variable \"{}\"{}; there are {}", name,
                                    did_you_mean(name, names), fmt::join(names, ", ")));
        }
    }
}

}  // namespace

Model with_values(const Model& model, const FixedValues& fixed) {
    check_names(model, fixed);
    std::map<std::string, std::int64_t> given(fixed.begin(), fixed.end());
    Model result;
    std::vector<Constraint> lists;
    for (const Variable& variable : model.variables()) {
        auto found = given.find(variable.name);
        if (found == given.end()) {
            result.variable(variable);
            continue;
        }
        Expr reference = result.variable(variable.name, {found->second}, variable.meaning);
        if (!has_value(variable, found->second)) {
            lists.push_back(membership(reference, variable));
        }
    }
    for (const Definition& definition : model.definitions()) {
        result.define(definition.name, definition.value);
    }
    for (const Constraint& constraint : model.constraints()) {
        result.require(constraint.condition, constraint.reason);
    }
    for (const Constraint& list : lists) {
        result.require(list.condition, list.reason);
    }
    return result;
}

bool fits(const Model& model, const FixedValues& fixed) {
    return has_solution(with_values(model, fixed));
}

std::string listed(std::span<const Value> values) {
    constexpr std::size_t kShown = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(values.size(), kShown); ++i) {
        std::string_view joint = i == 0 ? "" : i + 1 == values.size() ? " or " : ", ";
        text += fmt::format("{}{}", joint, to_string(values[i]));
    }
    return values.size() > kShown ? fmt::format("{} ... {} ({} values)", text, to_string(values.back()), values.size())
                                  : text;
}

}  // namespace warpsmith
