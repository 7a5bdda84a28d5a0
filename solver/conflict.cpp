#include "solver/conflict.hpp"

#include <algorithm>
#include <numeric>

#include "solver/listed_model.hpp"
#include "solver/solution_set.hpp"
#include "solver/z3_engine.hpp"

namespace warpsmith {
namespace {

// Leaves out, one after the other and from the front, what is not needed for the conflict.
std::vector<std::size_t> without_superfluous(const Model& model, std::vector<std::size_t> conflict) {
    for (std::size_t i = 0; i < conflict.size();) {
        std::vector<std::size_t> fewer = conflict;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (has_no_solution(with_constraints(model, fewer))) {
            conflict = std::move(fewer);
        } else {
            ++i;
        }
    }
    return conflict;
}

bool is_integer(const Value& value) {
    return std::holds_alternative<std::int64_t>(value);
}

// Whether solve_with_z3 takes the expression.
bool suits_z3(const Expr& expr) {
    if (expr.op() == Op::constant) {
        return is_integer(expr.value());
    }
    if (expr.op() == Op::power) {
        const Expr& exponent = expr.operands()[1];
        return exponent.op() == Op::constant && is_integer(exponent.value()) &&
               std::get<std::int64_t>(exponent.value()) >= 0 &&
               std::get<std::int64_t>(exponent.value()) <= kMaxZ3Exponent && suits_z3(expr.operands()[0]);
    }
    return std::ranges::all_of(expr.operands(), suits_z3);
}

bool has_only_what_suits_z3(const Model& model) {
    bool variables = std::ranges::all_of(
        model.variables(), [](const Variable& variable) { return std::ranges::all_of(variable.values, is_integer); });
    return variables && std::ranges::all_of(model.constraints(), [](const Constraint& constraint) {
               return suits_z3(constraint.condition);
           });
}

}  // namespace

Model with_constraints(const Model& model, std::span<const std::size_t> constraints) {
    Model result;
    for (const Variable& variable : model.variables()) {
        result.variable(variable);
    }
    for (const Definition& definition : model.definitions()) {
        result.define(definition.name, definition.value);
    }
    for (std::size_t position : constraints) {
        result.require(model.constraints()[position].condition, model.constraints()[position].reason);
    }
    return result;
}

bool has_no_solution(const Model& model) {
    std::optional<ListedModel> listed = ListedModel::unless_too_many(model, Extent::first);
    return listed && search_groups(**listed, Extent::first).nothing;
}

bool has_solution(const Model& model) {
    std::optional<ListedModel> listed = ListedModel::unless_too_many(model, Extent::first);
    return listed && !search_groups(**listed, Extent::first).nothing;
}

std::vector<std::size_t> find_conflict(const Model& model) {
    constexpr unsigned kEffort = 1'000'000;  // some 30 ms
    std::optional<std::vector<std::size_t>> core =
        has_only_what_suits_z3(model) ? z3_conflict(model, kEffort) : std::nullopt;
    std::vector<std::size_t> all(model.constraints().size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    all = core ? *core : all;
    std::vector<std::size_t> best = without_superfluous(model, all);
    // What is left depends on what is left out first.
    constexpr std::size_t kMaxAttempts = 32;
    for (std::size_t attempt = 1; attempt < std::min(all.size(), kMaxAttempts) && best.size() > 1; ++attempt) {
        std::rotate(all.begin(), all.begin() + 1, all.end());
        std::vector<std::size_t> other = without_superfluous(model, all);
        if (other.size() < best.size()) {
            best = std::move(other);
        }
    }
    std::ranges::sort(best);
    return best;
}

}  // namespace warpsmith
