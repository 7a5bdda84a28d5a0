// The value of an expression under an assignment: the plain evaluator that the fast ones are held against.
#pragma once

#include "solver/scalar.hpp"

namespace warpsmith {

// `value_of(index)` gives the Scalar of a variable. Recurses no deeper than Expr::kMaxDepth.
template <class ValueOf>
Scalar evaluate_with(const Expr& expr, const ValueOf& value_of) {
    std::span<const Expr> operands = expr.operands();
    switch (expr.op()) {
        case Op::constant:
            return to_scalar(expr.value());
        case Op::variable:
            return value_of(expr.index());
        case Op::logical_and:
        case Op::logical_or: {
            Scalar left = evaluate_with(operands[0], value_of);
            bool decided = failed(left) || truth(left) == (expr.op() == Op::logical_or);
            return decided ? left : evaluate_with(operands[1], value_of);
        }
        case Op::select: {
            Scalar condition = evaluate_with(operands[0], value_of);
            return failed(condition) ? condition : evaluate_with(operands[truth(condition) ? 1 : 2], value_of);
        }
        default:
            break;
    }
    Scalar left = evaluate_with(operands[0], value_of);
    return operands.size() == 1 ? compute(expr.op(), left)
                                : compute(expr.op(), left, evaluate_with(operands[1], value_of));
}

}  // namespace warpsmith
