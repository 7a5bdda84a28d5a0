// What every fuzz target does with a model that was read: evaluates and, where it is small, solves and explains it.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "solver/error.hpp"
#include "solver/evaluate.hpp"
#include "solver/search.hpp"

namespace warpsmith {

// Whether every assignment can be tried in a moment.
inline bool is_small(const Model& model) {
    constexpr std::size_t kMostAssignments = 64;
    constexpr std::size_t kMostParts = 2000;
    std::size_t assignments = 1;
    for (const Variable& variable : model.variables()) {
        const std::size_t values = variable.range ? size(*variable.range) : variable.values.size();
        assignments = std::min(assignments * std::min(values, kMostAssignments + 1), kMostAssignments + 1);
    }
    std::size_t parts = 0;
    for (const Constraint& constraint : model.constraints()) {
        parts += constraint.condition.weight();
    }
    return assignments <= kMostAssignments && parts <= kMostParts && model.variables().size() <= 20;
}

// Each variable at its first value, then each at its last.
inline void evaluate_ends(const Model& model) {
    bool empty = std::ranges::any_of(model.variables(), [](const Variable& v) { return v.values.empty(); });
    for (bool last : {false, true}) {
        for (const Constraint& constraint : model.constraints()) {
            if (!empty && constraint.condition.weight() < 10'000) {
                evaluate_with(constraint.condition, [&](std::size_t index) {
                    const Variable& variable = model.variables()[index];
                    return to_scalar(last ? variable.values.back() : variable.values.front());
                });
            }
        }
    }
}

// Stops the program when two ways to the same answer differ.
inline void exercise(const Model& model) {
    evaluate_ends(model);
    if (!is_small(model)) {
        return;
    }
    std::optional<std::uint64_t> counted;
    try {
        counted = count(model);
        if (*counted != solve(model).size() || (*counted != 0) != first(model).has_value()) {
            std::abort();
        }
    } catch (const Error&) {
        if (counted) {  // what could be counted can be listed
            std::abort();
        }
    }
}

}  // namespace warpsmith
