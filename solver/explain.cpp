#include "solver/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "solver/conflict.hpp"
#include "solver/domains.hpp"
#include "solver/error.hpp"
#include "solver/listed_model.hpp"
#include "solver/nearest.hpp"
#include "solver/search.hpp"
#include "solver/solution_set.hpp"
#include "solver/source_text.hpp"

namespace warpsmith {
namespace {

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

// The model with the given variables set. That a given value is in its list becomes a constraint, after all others.
Model with_values(const Model& model, const FixedValues& fixed) {
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

Conflict conflict_over(const Model& model, const std::vector<std::size_t>& together, std::size_t position) {
    const Constraint& constraint = model.constraints()[position];
    Conflict conflict{.reason = constraint.reason, .condition = to_string(constraint.condition)};
    std::vector<std::size_t> others = together;
    std::erase(others, position);
    Expr violation = violation_of(constraint.condition, model);
    if (std::optional<Solution> nearest = least(with_constraints(model, others), violation)) {
        conflict.detail = describe_violation(constraint.condition, *nearest, true);
    }
    return conflict;
}

// That a value is in the list of its variable has no condition that the user wrote.
Conflict conflict_over_list(const Model& model, std::size_t position) {
    const Constraint& list = model.constraints()[position];
    const Variable& variable = model.variables()[variables_in(list.condition).front()];
    return {list.reason, "", fmt::format("it is given as {}", to_string(variable.values.front()))};
}

// The given values that can stay, the first ones first, and what would be a solution with them.
std::vector<std::string> compatible_values(const Model& model, const FixedValues& fixed) {
    FixedValues kept;
    std::string names;
    for (const auto& [name, value] : fixed) {
        kept.emplace_back(name, value);
        if (!has_solution(with_values(model, kept))) {
            kept.pop_back();
        } else {
            names += fmt::format("{}{}={}", names.empty() ? "" : " ", name, value);
        }
    }
    const Model remaining = with_values(model, kept);
    std::optional<Solution> solution = has_solution(remaining) ? first(remaining) : std::nullopt;
    if (!solution) {
        return {};
    }
    std::string condition = kept.empty() ? "without these values" : fmt::format("with {} alone", names);
    return {fmt::format("{} there are solutions, the first is {}", condition, to_string(*solution))};
}

// For each given value, the values in its place that would do.
std::vector<std::string> better_values(const Model& model, const FixedValues& fixed) {
    std::vector<std::string> advice;
    for (const auto& [name, value] : fixed) {
        FixedValues others = fixed;
        std::erase(others, std::pair(name, value));
        const Model asked = with_values(model, others);
        std::optional<ListedModel> listed_model = ListedModel::unless_too_many(asked, Extent::all);
        if (!listed_model) {
            continue;
        }
        SolutionSet set(**listed_model);
        auto place = std::ranges::find(model.variables(), name, &Variable::name) - model.variables().begin();
        std::vector<Value> allowed;
        for (std::uint32_t code : set.possible(static_cast<std::size_t>(place))) {
            allowed.push_back(set.scope()->variables[static_cast<std::size_t>(place)].values[code]);
        }
        if (!allowed.empty()) {
            advice.push_back(fmt::format("{} can be {}{}", name, listed(allowed),
                                         others.empty() ? "" : " with the other values as given"));
        }
    }
    return advice.empty() ? compatible_values(model, fixed) : advice;
}

std::vector<std::string> superfluous_constraints(const Model& model, const std::vector<std::size_t>& conflict) {
    std::vector<std::string> advice;
    for (std::size_t position : conflict) {
        std::vector<std::size_t> others;
        for (std::size_t i = 0; i < model.constraints().size(); ++i) {
            if (i != position) {
                others.push_back(i);
            }
        }
        if (has_solution(with_constraints(model, others))) {
            advice.push_back(fmt::format("without \"{}\" there are solutions", model.constraints()[position].reason));
        }
    }
    return advice;
}

// A constraint that was read from text is its own reason: the two differ in spaces and brackets at most.
bool is_its_own_reason(const Conflict& conflict) {
    auto bare = [](std::string text) {
        std::erase_if(text, [](char character) { return character == ' ' || character == '(' || character == ')'; });
        return text;
    };
    return bare(conflict.reason) == bare(conflict.condition);
}

}  // namespace

Explanation explain(const Model& model, const FixedValues& fixed) {
    check_names(model, fixed);
    for (const Variable& variable : model.variables()) {
        if (!variable.range && variable.values.empty()) {
            return {.conflicts = {{fmt::format("{} has a value", variable.name), "", "its list of values is empty"}}};
        }
    }
    Model asked = with_values(model, fixed);
    if (!has_no_solution(asked)) {
        std::optional<Solution> example = first(asked);
        return {.satisfiable = true, .example = example ? to_string(*example) : ""};
    }
    Explanation explanation;
    std::vector<std::size_t> together = find_conflict(asked);
    for (std::size_t position : together) {
        bool is_list = position >= model.constraints().size();
        explanation.conflicts.push_back(is_list ? conflict_over_list(asked, position)
                                                : conflict_over(asked, together, position));
    }
    explanation.advice = fixed.empty() ? superfluous_constraints(asked, together) : better_values(model, fixed);
    return explanation;
}

std::string to_string(const Explanation& explanation) {
    if (explanation.satisfiable) {
        return fmt::format("there are solutions, the first is {}\n", explanation.example);
    }
    std::string text = explanation.conflicts.size() == 1 ? "this cannot hold:\n" : "these cannot hold together:\n";
    for (const Conflict& conflict : explanation.conflicts) {
        bool shows_condition = !conflict.condition.empty() && !is_its_own_reason(conflict);
        text +=
            fmt::format("  - {}{}\n", conflict.reason, shows_condition ? fmt::format(" [{}]", conflict.condition) : "");
        text += conflict.detail.empty() ? "" : fmt::format("      {}\n", conflict.detail);
    }
    text += explanation.advice.empty() ? "" : "what would help:\n";
    for (const std::string& advice : explanation.advice) {
        text += fmt::format("  - {}\n", advice);
    }
    return text;
}

}  // namespace warpsmith
