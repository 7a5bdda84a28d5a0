// A tuning problem: variables with ordered value lists, constraints each with its reason, named quantities and a cost.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "solver/expr.hpp"
#include "solver/value_range.hpp"

namespace warpsmith {

struct Variable {
    std::string name;
    std::vector<Value> values;  // distinct; their order is the order of the solutions
    std::string meaning;
    std::optional<ValueRange>
        range;  // of a variable that is not listed: `values` is empty, see solver/listed_model.hpp
};

struct Definition {
    std::string name;
    Expr value;
};

struct Constraint {
    Expr condition;
    std::string reason;  // what it is for, in the words shown to the user
};

class Model {
  public:
    // A value that is listed twice counts once. Throws Error when the name is taken.
    Expr variable(std::string name, std::vector<std::int64_t> values, std::string meaning = "");
    Expr variable(std::string name, std::span<const Value> values, std::string meaning = "");

    // A range that is short is listed at once; of a longer one, values are listed when the model is solved, and only
    // those that the constraints leave. Throws Error when it has more than kMaxRangeSize values.
    Expr range_variable(std::string name, const ValueRange& range, std::string meaning = "");

    Expr variable(const Variable& variable);  // as it is in another model

    // A named quantity: explanations show it under its name, solutions have its value, and it is never a choice.
    Expr define(std::string name, const Expr& value);

    // All constraints must hold. An assignment for which one cannot be evaluated (a division by zero, say) is an
    // Error that names it, unless another constraint excludes the assignment.
    void require(const Expr& condition, std::string reason);

    void minimize(const Expr& cost);

    const std::vector<Variable>& variables() const { return variables_; }
    const std::vector<Definition>& definitions() const { return definitions_; }
    const std::vector<Constraint>& constraints() const { return constraints_; }
    const std::optional<Expr>& cost() const { return cost_; }

    // The variable or definition of this name.
    std::optional<Expr> find(std::string_view name) const;
    std::vector<std::string> names() const;  // of all variables and definitions

  private:
    Expr introduce(const std::string& name, const Expr& expr);
    void check_variables(const Expr& expr, std::string_view where) const;

    std::vector<Variable> variables_;
    std::vector<Definition> definitions_;
    std::vector<Constraint> constraints_;
    std::optional<Expr> cost_;
    std::map<std::string, Expr, std::less<>> names_;
};

}  // namespace warpsmith
