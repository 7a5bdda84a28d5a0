// One assignment that satisfies a model, and the value of any expression under it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "solver/expr.hpp"
#include "solver/model.hpp"

namespace warpsmith {

// What solutions of one model share.
struct Scope {
    std::vector<Variable> variables;
    std::vector<Definition> definitions;
};

class Solution {
  public:
    // `choices[v]` is the position of variable v's value in its value list.
    Solution(std::shared_ptr<const Scope> scope, std::vector<std::uint32_t> choices)
        : scope_(std::move(scope)), choices_(std::move(choices)) {}

    // The value of a variable or definition. Throws Error when there is none of this name; [] also when it is not a
    // whole number.
    std::int64_t operator[](std::string_view name) const;
    Value value(std::string_view name) const;

    // By position, in the order of declaration.
    std::size_t size() const { return choices_.size(); }
    const std::vector<Variable>& variables() const { return scope_->variables; }
    const Value& at(std::size_t variable) const { return scope_->variables[variable].values[choices_[variable]]; }
    const std::vector<std::uint32_t>& choices() const { return choices_; }

    bool operator==(const Solution& other) const;  // the same values in the same order

  private:
    std::shared_ptr<const Scope> scope_;
    std::vector<std::uint32_t> choices_;
};

// The value of an expression of the model that the solution is of: a launch geometry, say. Throws Error when it has
// none, or does not fit into 64 bits; `evaluate` also when it is not a whole number.
std::int64_t evaluate(const Expr& expr, const Solution& solution);
Value evaluate_value(const Expr& expr, const Solution& solution);

// None where evaluate_value throws, or `evaluate`.
std::optional<Value> value_if_any(const Expr& expr, const Solution& solution);
std::optional<std::int64_t> whole_value(const Expr& expr, const Solution& solution);

std::string to_string(const Solution& solution);  // "threads=128 items=4"

}  // namespace warpsmith
