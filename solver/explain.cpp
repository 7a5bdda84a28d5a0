#include "solver/explain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/advice.hpp"
#include "solver/conflict.hpp"
#include "solver/domains.hpp"
#include "solver/nearest.hpp"
#include "solver/search.hpp"

namespace warpsmith {
namespace {

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

// A constraint that was read from text is its own reason: the two differ in spaces and brackets at most.
bool is_its_own_reason(const Conflict& conflict) {
    auto bare = [](std::string text) {
        std::erase_if(text, [](char character) { return character == ' ' || character == '(' || character == ')'; });
        return text;
    };
    return bare(conflict.reason) == bare(conflict.condition);
}

// Why the model has no solution, if it has none.
Explanation explain_emptiness(const Model& model, std::size_t own_constraints) {
    if (!has_no_solution(model)) {
        std::optional<Solution> example = first(model);
        return {.satisfiable = true, .example = example ? to_string(*example) : ""};
    }
    MinimalConflict conflict = find_conflict(model);
    Explanation explanation{.smallest = conflict.smallest};
    for (std::size_t position : conflict.constraints) {
        explanation.conflicts.push_back(position >= own_constraints
                                            ? conflict_over_list(model, position)
                                            : conflict_over(model, conflict.constraints, position));
    }
    explanation.constraints = std::move(conflict.constraints);
    return explanation;
}

}  // namespace

Explanation why_nothing_fits(const Model& model, const FixedValues& fixed) {
    for (const Variable& variable : model.variables()) {
        if (!variable.range && variable.values.empty()) {
            return {.smallest = true,
                    .conflicts = {{fmt::format("{} has a value", variable.name), "", "its list of values is empty"}}};
        }
    }
    Explanation explanation = explain_emptiness(with_values(model, fixed), model.constraints().size());
    if (explanation.satisfiable || fixed.empty() || !has_no_solution(model)) {
        return explanation;
    }
    explanation = explain_emptiness(model, model.constraints().size());
    explanation.values_do_not_matter = true;
    return explanation;
}

Explanation explain(const Model& model, const FixedValues& fixed) {
    Explanation explanation = why_nothing_fits(model, fixed);
    if (!explanation.satisfiable) {
        bool asks_for_values = !fixed.empty() && !explanation.values_do_not_matter;
        explanation.advice =
            asks_for_values ? better_values(model, fixed) : changed_constraints(model, explanation.constraints);
    }
    return explanation;
}

std::string to_string(const Explanation& explanation) {
    if (explanation.satisfiable) {
        return fmt::format("there are solutions, the first is {}\n", explanation.example);
    }
    std::string text = explanation.values_do_not_matter ? "nothing fits, whatever values are given; " : "";
    text += explanation.conflicts.size() == 1 ? "this cannot hold:\n"
            : explanation.smallest            ? "these cannot hold together:\n"
                                              : "these cannot hold together (there may be fewer that cannot either):\n";
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
