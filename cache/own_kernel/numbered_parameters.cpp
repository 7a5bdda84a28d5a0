#include "cache/own_kernel/numbered_parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

bool is_whole(const Value& value) {
    return std::holds_alternative<std::int64_t>(value);
}

// The value at a position: a tree, as deep as the logarithm of the number of values.
Expr value_at(const Expr& position, std::span<const Value> values, std::int64_t first = 0) {
    if (values.size() == 1) {
        return Expr::constant(values.front());
    }
    const std::size_t half = values.size() / 2;
    const std::int64_t middle = first + static_cast<std::int64_t>(half);
    return select(position < middle, value_at(position, values.first(half), first),
                  value_at(position, values.subspan(half), middle));
}

// Expressions of the old model as such of the new one.
class Rewriting {
  public:
    explicit Rewriting(std::vector<Expr> variables) : variables_(std::move(variables)) {}

    Expr operator()(const Expr& expr) {
        const auto found = made_.find(expr.node());
        if (found != made_.end()) {
            return found->second;
        }
        Expr made = rewritten(expr);
        made_.emplace(expr.node(), made);
        return made;
    }

  private:
    Expr rewritten(const Expr& expr) {
        const std::span<const Expr> operands = expr.operands();
        switch (expr.op()) {
            case Op::constant:
                return expr;
            case Op::variable:
                return variables_[expr.index()];
            case Op::named:
                return Expr::named(expr.name(), (*this)(operands[0]));
            default:
                break;
        }
        if (operands.size() == 1) {
            return Expr::apply(expr.op(), {(*this)(operands[0])});
        }
        if (operands.size() == 2) {
            return Expr::apply(expr.op(), {(*this)(operands[0]), (*this)(operands[1])});
        }
        return Expr::apply(expr.op(), {(*this)(operands[0]), (*this)(operands[1]), (*this)(operands[2])});
    }

    std::vector<Expr> variables_;  // of the old model
    std::unordered_map<const ExprNode*, Expr> made_;
};

// The kernel's source gets the text in the middle of a line.
void require_one_line(const OwnKernel& kernel, const Variable& variable) {
    for (const Value& value : variable.values) {
        const auto* text = std::get_if<std::string>(&value);
        if (text != nullptr && std::ranges::any_of(*text, [](unsigned char c) { return c < ' ' || c == '\\'; })) {
            throw Error(
                fmt::format("reading {}: ConfigurationSpace.TuningParameters: {} can be {}, which cannot be "
                            "the value of a macro; write one line without \\",
                            kernel.t1_file, variable.name, to_string(value)));
        }
    }
}

Expr numbered_variable(OwnKernel& kernel, const Variable& variable, Model& model) {
    if (std::ranges::all_of(variable.values, is_whole)) {
        return model.variable(variable);
    }
    require_one_line(kernel, variable);
    std::vector<std::int64_t> positions(variable.values.size());
    std::iota(positions.begin(), positions.end(), 0);
    kernel.numbered.emplace(variable.name, variable.values);
    return value_at(model.variable(variable.name, positions), variable.values);
}

}  // namespace

void number_parameters(OwnKernel& kernel) {
    const Model before = std::move(kernel.space.model);
    Model& model = kernel.space.model = Model();
    std::vector<Expr> variables;
    for (const Variable& variable : before.variables()) {
        variables.push_back(numbered_variable(kernel, variable, model));
    }
    Rewriting rewrite(std::move(variables));
    for (const Definition& definition : before.definitions()) {
        model.define(definition.name, rewrite(definition.value));
    }
    for (const Constraint& constraint : before.constraints()) {
        model.require(rewrite(constraint.condition), constraint.reason);
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
        kernel.grid[axis] = rewrite(kernel.grid[axis]);
        kernel.block[axis] = rewrite(kernel.block[axis]);
    }
    LaunchGeometry& launch = kernel.space.launch;
    for (Expr* extent : {&launch.grid_x, &launch.grid_y, &launch.grid_z, &launch.threads, &launch.smem_bytes}) {
        *extent = rewrite(*extent);
    }
}

}  // namespace warpsmith
