#include "solver/expr.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/error.hpp"

namespace warpsmith {

struct ExprNode {
    Op op = Op::constant;
    std::uint8_t arity = 0;
    std::uint32_t depth = 1;
    std::uint32_t weight = 1;  // nodes, each counted as often as it is reached
    std::size_t index = 0;
    std::array<Expr, 3> operands = {Expr(), Expr(), Expr()};
    Value value;
    std::string name;
};

namespace {

std::shared_ptr<ExprNode> parent_of(Op op, std::span<const Expr> operands) {
    auto node = std::make_shared<ExprNode>();
    node->op = op;
    std::uint64_t weight = 1;
    for (const Expr& operand : operands) {
        node->operands.at(node->arity++) = operand;
        node->depth = std::max(node->depth, operand.node()->depth + 1);
        weight += operand.node()->weight;
    }
    if (node->depth > Expr::kMaxDepth || weight > Expr::kMaxWeight) {
        throw Error(
            fmt::format("building an expression: it is {} levels deep and has {} parts, at most {} and {} are "
                        "allowed; split it into several constraints",
                        node->depth, weight, Expr::kMaxDepth, Expr::kMaxWeight));
    }
    node->weight = static_cast<std::uint32_t>(weight);
    return node;
}

}  // namespace

Expr Expr::integer(std::int64_t value) {
    return constant(value);
}

Expr Expr::constant(Value value) {
    auto node = std::make_shared<ExprNode>();
    node->value = std::move(value);
    return Expr(std::move(node));
}

Expr Expr::variable(std::string name, std::size_t index) {
    auto node = std::make_shared<ExprNode>();
    node->op = Op::variable;
    node->name = std::move(name);
    node->index = index;
    return Expr(std::move(node));
}

Expr Expr::named(std::string name, const Expr& value) {
    std::shared_ptr<ExprNode> node = parent_of(Op::named, {&value, 1});
    node->name = std::move(name);
    return Expr(std::move(node));
}

Expr Expr::apply(Op op, std::initializer_list<Expr> operands) {
    return Expr(parent_of(op, {operands.begin(), operands.size()}));
}

void Expr::reject_large_constant() {
    throw Error("building an expression: a constant does not fit into 64 bits with a sign; use a smaller one");
}

Op Expr::op() const {
    return node_->op;
}
std::span<const Expr> Expr::operands() const {
    return {node_->operands.data(), node_->arity};
}
const Value& Expr::value() const {
    return node_->value;
}
const std::string& Expr::name() const {
    return node_->name;
}
std::size_t Expr::index() const {
    return node_->index;
}
std::uint32_t Expr::depth() const {
    return node_->depth;
}
std::uint32_t Expr::weight() const {
    return node_->weight;
}

Expr operator+(const Expr& left, const Expr& right) {
    return Expr::apply(Op::add, {left, right});
}
Expr operator-(const Expr& left, const Expr& right) {
    return Expr::apply(Op::subtract, {left, right});
}
Expr operator*(const Expr& left, const Expr& right) {
    return Expr::apply(Op::multiply, {left, right});
}
Expr operator/(const Expr& left, const Expr& right) {
    return Expr::apply(Op::floor_divide, {left, right});
}
Expr operator%(const Expr& left, const Expr& right) {
    return Expr::apply(Op::modulo, {left, right});
}
Expr operator-(const Expr& operand) {
    return Expr::apply(Op::negate, {operand});
}

Expr operator==(const Expr& left, const Expr& right) {
    return Expr::apply(Op::equal, {left, right});
}
Expr operator!=(const Expr& left, const Expr& right) {
    return Expr::apply(Op::not_equal, {left, right});
}
Expr operator<(const Expr& left, const Expr& right) {
    return Expr::apply(Op::less, {left, right});
}
Expr operator<=(const Expr& left, const Expr& right) {
    return Expr::apply(Op::less_equal, {left, right});
}
Expr operator>(const Expr& left, const Expr& right) {
    return Expr::apply(Op::greater, {left, right});
}
Expr operator>=(const Expr& left, const Expr& right) {
    return Expr::apply(Op::greater_equal, {left, right});
}

Expr operator&&(const Expr& left, const Expr& right) {
    return Expr::apply(Op::logical_and, {left, right});
}
Expr operator||(const Expr& left, const Expr& right) {
    return Expr::apply(Op::logical_or, {left, right});
}
Expr operator!(const Expr& operand) {
    return Expr::apply(Op::logical_not, {operand});
}

Expr select(const Expr& condition, const Expr& if_true, const Expr& if_false) {
    return Expr::apply(Op::select, {condition, if_true, if_false});
}
Expr min(const Expr& left, const Expr& right) {
    return Expr::apply(Op::minimum, {left, right});
}
Expr max(const Expr& left, const Expr& right) {
    return Expr::apply(Op::maximum, {left, right});
}
Expr abs(const Expr& operand) {
    return Expr::apply(Op::absolute, {operand});
}
Expr pow(const Expr& base, const Expr& exponent) {
    return Expr::apply(Op::power, {base, exponent});
}
Expr ceil_div(const Expr& dividend, const Expr& divisor) {
    return -(-dividend / divisor);
}
Expr round_up(const Expr& value, const Expr& multiple) {
    return ceil_div(value, multiple) * multiple;
}

}  // namespace warpsmith
