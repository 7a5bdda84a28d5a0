// An integer expression whose configuration is chosen, as far as it depends on the runtime dimensions: flat, so that it
// is evaluated in nanoseconds and without allocating.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "solver/expr.hpp"

namespace warpsmith {

// What is put into an expression: a value for each variable of its model; definitions of these names stay open, and
// stand for the size at the position given.
struct Substitution {
    std::span<const std::int64_t> variables;
    const std::map<std::string, std::size_t, std::less<>>& open;
};

class Formula {
  public:
    // A longer one, which no family has, is taken for one without a value.
    static constexpr std::size_t kMaxNodes = 256;

    Formula(const Expr& expr, const Substitution& substitution);

    // Nothing where the expression has no value (a division by zero), or none within 64 bits, or is not made of whole
    // numbers: a condition that cannot be evaluated does not hold.
    std::optional<std::int64_t> value(std::span<const std::int64_t> sizes) const;

    bool constant() const { return nodes_.back().kind == Kind::number; }

  private:
    enum class Kind : std::uint8_t { number, size, operation, nothing };
    struct Node {
        Kind kind = Kind::nothing;
        Op op = Op::constant;
        std::array<std::uint32_t, 3> operands{};
        std::int64_t number = 0;  // of Kind::number; of Kind::size: its position
    };
    struct Result {
        std::int64_t number;
        bool present;
    };
    class Builder;

    static Result result(const Node& node, std::span<const std::int64_t> sizes, const Result* results);

    std::vector<Node> nodes_;  // operands before what they are operands of; the last is the whole
};

}  // namespace warpsmith
