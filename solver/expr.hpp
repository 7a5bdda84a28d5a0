// Expressions over tuning variables: what constraints, derived quantities and costs are made of.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>

namespace warpsmith {

// What a variable can be set to and an expression can yield. Comparisons yield 0 or 1.
using Value = std::variant<std::int64_t, double, std::string>;

// Every operator means what it means in Python.
enum class Op : std::uint8_t {
    constant,
    variable,
    named,  // a definition: a value under a name
    negate,
    logical_not,
    absolute,
    add,
    subtract,
    multiply,
    floor_divide,
    real_divide,  // Python's `/`; only text can write it
    modulo,
    power,
    minimum,
    maximum,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    logical_and,  // yields the left operand if that is false, else the right one
    logical_or,   // yields the left operand if that is true, else the right one
    select,       // condition, value if true, value if false
};

struct ExprNode;

// An immutable tree whose parts are shared, so that copies are cheap. Building one evaluates nothing.
class Expr {
  public:
    static constexpr std::uint32_t kMaxDepth = 1000;       // recursion over a tree fits a small stack
    static constexpr std::uint32_t kMaxWeight = 1U << 20;  // evaluating one tree takes milliseconds at most

    template <std::integral T>
    Expr(T value) : Expr(integer(checked(value))) {}  // implicit, so that `2 * x` can be written

    static Expr constant(Value value);
    static Expr variable(std::string name, std::size_t index);
    static Expr named(std::string name, const Expr& value);

    // Takes one, two or three operands, as the operator wants. Throws Error beyond kMaxDepth or kMaxWeight.
    static Expr apply(Op op, std::initializer_list<Expr> operands);

    Op op() const;
    std::span<const Expr> operands() const;
    const Value& value() const;                           // of Op::constant
    const std::string& name() const;                      // of Op::variable and Op::named
    std::size_t index() const;                            // of Op::variable: its place in the model
    std::uint32_t depth() const;                          // of a leaf: 1
    std::uint32_t weight() const;                         // its parts, each counted as often as it is reached
    const ExprNode* node() const { return node_.get(); }  // the same for all copies of one expression

  private:
    explicit Expr(std::shared_ptr<const ExprNode> node) : node_(std::move(node)) {}

    friend struct ExprNode;  // an unused operand is empty
    Expr() = default;
    static Expr integer(std::int64_t value);
    template <std::integral T>
    static std::int64_t checked(T value) {
        if (!std::in_range<std::int64_t>(value)) {
            reject_large_constant();
        }
        return static_cast<std::int64_t>(value);
    }
    [[noreturn]] static void reject_large_constant();

    std::shared_ptr<const ExprNode> node_;
};

Expr operator+(const Expr& left, const Expr& right);
Expr operator-(const Expr& left, const Expr& right);
Expr operator*(const Expr& left, const Expr& right);
Expr operator/(const Expr& left, const Expr& right);  // rounds down, as Python's `//`
Expr operator%(const Expr& left, const Expr& right);  // has the sign of the divisor, as in Python
Expr operator-(const Expr& operand);

Expr operator==(const Expr& left, const Expr& right);
Expr operator!=(const Expr& left, const Expr& right);
Expr operator<(const Expr& left, const Expr& right);
Expr operator<=(const Expr& left, const Expr& right);
Expr operator>(const Expr& left, const Expr& right);
Expr operator>=(const Expr& left, const Expr& right);

// The right side is not evaluated when the left side decides: `b != 0 && a % b == 0` never fails.
Expr operator&&(const Expr& left, const Expr& right);
Expr operator||(const Expr& left, const Expr& right);
Expr operator!(const Expr& operand);

Expr select(const Expr& condition, const Expr& if_true, const Expr& if_false);  // evaluates one of the two
Expr min(const Expr& left, const Expr& right);
Expr max(const Expr& left, const Expr& right);
Expr abs(const Expr& operand);
Expr pow(const Expr& base, const Expr& exponent);
Expr ceil_div(const Expr& dividend, const Expr& divisor);  // rounds up
Expr round_up(const Expr& value, const Expr& multiple);    // the next multiple that is not less

// Python syntax with the fewest brackets that keep the meaning; a definition is written as its name.
std::string to_string(const Expr& expr);
std::string to_string(const Value& value);

}  // namespace warpsmith
