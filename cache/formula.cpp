#include "cache/formula.hpp"

#include <limits>

#include "solver/evaluate.hpp"

namespace warpsmith {
namespace {

using Number = std::optional<std::int64_t>;

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::int64_t floor_remainder(std::int64_t a, std::int64_t b) {
    const std::int64_t remainder = a % b;
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

bool divides_safely(std::int64_t a, std::int64_t b) {
    return b != 0 && !(b == -1 && a == std::numeric_limits<std::int64_t>::min());
}

// As Python means it; nothing for what does not stay among the whole numbers of 64 bits.
Number combine(Op op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    switch (op) {
        case Op::add:
            return __builtin_add_overflow(a, b, &result) ? Number() : result;
        case Op::subtract:
            return __builtin_sub_overflow(a, b, &result) ? Number() : result;
        case Op::multiply:
            return __builtin_mul_overflow(a, b, &result) ? Number() : result;
        case Op::floor_divide:
            return divides_safely(a, b) ? Number(floor_quotient(a, b)) : Number();
        case Op::modulo:
            return divides_safely(a, b) ? Number(floor_remainder(a, b)) : Number();
        case Op::minimum:
            return a < b ? a : b;
        case Op::maximum:
            return a < b ? b : a;
        case Op::equal:
            return a == b ? 1 : 0;
        case Op::not_equal:
            return a != b ? 1 : 0;
        case Op::less:
            return a < b ? 1 : 0;
        case Op::less_equal:
            return a <= b ? 1 : 0;
        case Op::greater:
            return a > b ? 1 : 0;
        case Op::greater_equal:
            return a >= b ? 1 : 0;
        default:  // powers and real division of something that depends on a size: no family has them
            return {};
    }
}

Number change(Op op, std::int64_t a) {
    switch (op) {
        case Op::named:
            return a;
        case Op::logical_not:
            return a == 0 ? 1 : 0;
        case Op::negate:
            return combine(Op::subtract, 0, a);
        case Op::absolute:
            return a < 0 ? combine(Op::subtract, 0, a) : a;
        default:
            return {};
    }
}

}  // namespace

// Makes the nodes of an expression, each shared part once. Parts that depend on no size are computed by the solver's
// own evaluator.
class Formula::Builder {
  public:
    Builder(std::vector<Node>& nodes, const Substitution& substitution) : nodes_(nodes), known_(substitution) {}

    std::uint32_t add(const Expr& expr) {
        const auto found = made_.find(expr.node());
        if (found != made_.end()) {
            return found->second;
        }
        const Node node = depends_on_size(expr) ? open_node(expr) : closed_node(expr);
        nodes_.push_back(node);
        const auto index = static_cast<std::uint32_t>(nodes_.size() - 1);
        made_.emplace(expr.node(), index);
        return index;
    }

  private:
    bool depends_on_size(const Expr& expr) {
        if (expr.op() == Op::named && known_.open.contains(expr.name())) {
            return true;
        }
        const auto found = depends_.find(expr.node());
        if (found != depends_.end()) {
            return found->second;
        }
        bool depends = false;
        for (const Expr& operand : expr.operands()) {
            depends = depends_on_size(operand) || depends;
        }
        depends_.emplace(expr.node(), depends);
        return depends;
    }

    Node open_node(const Expr& expr) {
        if (expr.op() == Op::named) {
            const auto position = known_.open.find(expr.name());
            if (position != known_.open.end()) {
                return {.kind = Kind::size, .number = static_cast<std::int64_t>(position->second)};
            }
        }
        Node node{.kind = Kind::operation, .op = expr.op()};
        for (std::size_t i = 0; i < expr.operands().size(); ++i) {
            node.operands[i] = add(expr.operands()[i]);
        }
        return node;
    }

    Node closed_node(const Expr& expr) const {
        const Scalar scalar =
            evaluate_with(expr, [&](std::size_t variable) -> Scalar { return Int128{known_.variables[variable]}; });
        const std::optional<Value> value = to_value(scalar);
        if (!value || !std::holds_alternative<std::int64_t>(*value)) {
            return {};
        }
        return {.kind = Kind::number, .number = std::get<std::int64_t>(*value)};
    }

    std::vector<Node>& nodes_;
    const Substitution& known_;
    std::unordered_map<const ExprNode*, std::uint32_t> made_;
    std::unordered_map<const ExprNode*, bool> depends_;
};

Formula::Formula(const Expr& expr, const Substitution& substitution) {
    Builder(nodes_, substitution).add(expr);
}

std::optional<std::int64_t> Formula::value(std::span<const std::int64_t> sizes) const {
    return evaluate(nodes_.back(), sizes);
}

// Operations that do not evaluate all of their operands.
Number Formula::decide(const Node& node, std::span<const std::int64_t> sizes) const {
    const Number condition = evaluate(nodes_[node.operands[0]], sizes);
    if (!condition) {
        return {};
    }
    if (node.op == Op::select) {
        return evaluate(nodes_[node.operands[*condition != 0 ? 1 : 2]], sizes);
    }
    const bool decided = (*condition != 0) == (node.op == Op::logical_or);
    return decided ? condition : evaluate(nodes_[node.operands[1]], sizes);
}

// As deep as the expression is, which is no deeper than Expr::kMaxDepth.
Number Formula::evaluate(const Node& node, std::span<const std::int64_t> sizes) const {
    switch (node.kind) {
        case Kind::number:
            return node.number;
        case Kind::size:
            return sizes[static_cast<std::size_t>(node.number)];
        case Kind::nothing:
            return {};
        case Kind::operation:
            break;
    }
    if (node.op == Op::logical_and || node.op == Op::logical_or || node.op == Op::select) {
        return decide(node, sizes);
    }
    const Number first = evaluate(nodes_[node.operands[0]], sizes);
    if (!first) {
        return {};
    }
    const bool one =
        node.op == Op::negate || node.op == Op::logical_not || node.op == Op::absolute || node.op == Op::named;
    if (one) {
        return change(node.op, *first);
    }
    const Number second = evaluate(nodes_[node.operands[1]], sizes);
    return second ? combine(node.op, *first, *second) : Number();
}

}  // namespace warpsmith
