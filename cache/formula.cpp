#include "cache/formula.hpp"

#include <limits>

#include "solver/evaluate.hpp"

namespace warpsmith {
namespace {

using Number = std::optional<std::int64_t>;

// Sizes are small: dividing 32 bits takes a fraction of the time.
bool is_short(std::int64_t a) {
    return a == static_cast<std::int32_t>(a) && a != std::numeric_limits<std::int32_t>::min();
}

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
    if (is_short(a) && is_short(b)) {
        const auto dividend = static_cast<std::int32_t>(a);
        const auto divisor = static_cast<std::int32_t>(b);
        return dividend / divisor - (dividend % divisor != 0 && (dividend < 0) != (divisor < 0) ? 1 : 0);
    }
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
    if (nodes_.size() > kMaxNodes) {
        nodes_.assign(1, Node{});
    }
}

// All nodes are computed, one after another: quicker than deciding which are needed. One that is not needed may have no
// value.
std::optional<std::int64_t> Formula::value(std::span<const std::int64_t> sizes) const {
    std::array<Result, kMaxNodes> results;  // only as far as there are nodes
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        results[i] = result(nodes_[i], sizes, results.data());
    }
    const Result& whole = results[nodes_.size() - 1];
    return whole.present ? std::optional(whole.number) : std::nullopt;
}

Formula::Result Formula::result(const Node& node, std::span<const std::int64_t> sizes, const Result* results) {
    switch (node.kind) {
        case Kind::number:
            return {node.number, true};
        case Kind::size:
            return {sizes[static_cast<std::size_t>(node.number)], true};
        case Kind::nothing:
            return {0, false};
        case Kind::operation:
            break;
    }
    const Result& first = results[node.operands[0]];
    if (!first.present) {
        return first;
    }
    Number number;
    switch (node.op) {
        case Op::select:
            return results[node.operands[first.number != 0 ? 1 : 2]];
        case Op::logical_and:
            return first.number == 0 ? first : results[node.operands[1]];
        case Op::logical_or:
            return first.number != 0 ? first : results[node.operands[1]];
        case Op::negate:
        case Op::logical_not:
        case Op::absolute:
        case Op::named:
            number = change(node.op, first.number);
            break;
        default: {
            const Result& second = results[node.operands[1]];
            number = second.present ? combine(node.op, first.number, second.number) : Number();
        }
    }
    return {number.value_or(0), number.has_value()};
}

}  // namespace warpsmith
