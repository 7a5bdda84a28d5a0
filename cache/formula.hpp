// An integer expression whose configuration is chosen, as far as it depends on the runtime dimensions: flat, so that it
// is evaluated in nanoseconds and without allocating.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "solver/expr.hpp"

namespace warpsmith {

class Formula {
  public:
    // A longer one, which no family has, is taken for one without a value.
    static constexpr std::size_t kMaxNodes = 256;

    // Nothing where the expression has no value (a division by zero), or none within 64 bits, or is not made of whole
    // numbers: a condition that cannot be evaluated does not hold.
    std::optional<std::int64_t> value(std::span<const std::int64_t> sizes) const;

    bool constant() const { return nodes_.back().kind == Kind::number; }

  private:
    friend class FormulaPlan;
    enum class Kind : std::uint8_t { number, size, variable, operation, nothing };
    struct Node {
        Kind kind = Kind::nothing;
        Op op = Op::constant;
        std::array<std::uint32_t, 3> operands{};
        std::int64_t number = 0;  // of Kind::number; of Kind::size and Kind::variable: its position
    };
    struct Result {  // without initialisers: value() makes a whole array of them
        std::int64_t number;
        bool present;
    };

    explicit Formula(std::vector<Node> nodes) : nodes_(std::move(nodes)) {}
    static Result result(const Node& node, std::span<const std::int64_t> sizes, const Result* results);

    std::vector<Node> nodes_;  // operands before what they are operands of; the last is the whole
};

// Definitions of these names stay open, and stand for the size at the position given.
using OpenSizes = std::map<std::string, std::size_t, std::less<>>;

// Expressions of one model, walked once and laid out flat, so that the formulas of many configurations are made in
// microseconds each.
class FormulaPlan {
  public:
    FormulaPlan(const std::vector<Expr>& exprs, const OpenSizes& open);

    // Of each expression, with a value for each variable of its model.
    std::vector<Formula> formulas(std::span<const std::int64_t> variables) const;

  private:
    using Node = Formula::Node;
    using Kind = Formula::Kind;
    class Builder;

    // What remains of an expression once the parts that depend on no size are numbers.
    struct Outline {
        std::vector<Node> nodes;             // operands are places here
        std::vector<std::uint32_t> sources;  // of each, its place in the plan
    };

    Node closed_node(std::uint32_t place, const std::vector<Formula::Result>& results,
                     std::span<const std::int64_t> variables) const;

    std::vector<Node> nodes_;  // of all expressions, each shared part once, operands before what they are operands of
    std::vector<Expr> exprs_;  // of each node
    std::vector<bool> open_;   // whether a node depends on a size
    std::vector<Outline> outlines_;
};

}  // namespace warpsmith
