#include "solver/scalar.hpp"

#include <cmath>

namespace warpsmith {
namespace {

constexpr Failure kOverflow{"an integer beyond 128 bits"};
constexpr Failure kDivisionByZero{"a division by zero"};
constexpr Failure kTextInArithmetic{"text where a number is needed"};
constexpr Failure kUnordered{"a comparison of text with a number"};
constexpr Failure kNotReal{"a power that is not a real number"};

bool is_text(const Scalar& scalar) {
    return std::holds_alternative<std::string_view>(scalar);
}

double as_double(const Scalar& scalar) {
    const auto* integer = std::get_if<Int128>(&scalar);
    return integer != nullptr ? static_cast<double>(*integer) : std::get<double>(scalar);
}

std::strong_ordering order(Int128 left, Int128 right) {
    if (left == right) {
        return std::strong_ordering::equal;
    }
    return left < right ? std::strong_ordering::less : std::strong_ordering::greater;
}

// Compares without rounding the integer to a double.
std::partial_ordering order(Int128 left, double right) {
    constexpr double kBeyondInt128 = 0x1p127;
    if (std::isnan(right)) {
        return std::partial_ordering::unordered;
    }
    if (right >= kBeyondInt128) {
        return std::partial_ordering::less;
    }
    if (right < -kBeyondInt128) {
        return std::partial_ordering::greater;
    }
    double whole = std::floor(right);
    std::strong_ordering against_whole = order(left, static_cast<Int128>(whole));
    bool right_is_above = against_whole == std::strong_ordering::equal && right > whole;
    return right_is_above ? std::partial_ordering::less : std::partial_ordering(against_whole);
}

Int128 floor_quotient(Int128 left, Int128 right) {
    Int128 quotient = left / right;
    return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}

double modulo(double left, double right) {
    double rest = std::fmod(left, right);
    if (rest == 0) {
        return std::copysign(0.0, right);
    }
    return (rest < 0) != (right < 0) ? rest + right : rest;
}

// As CPython: the quotient that goes with `modulo`, rounded to a whole number.
double floor_quotient(double left, double right) {
    double quotient = (left - modulo(left, right)) / right;
    double whole = std::floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
}

Scalar real_power(double base, double exponent) {
    if (base == 0 && exponent < 0) {
        return kDivisionByZero;
    }
    double result = std::pow(base, exponent);
    return std::isfinite(result) ? Scalar(result) : Scalar(kNotReal);
}

Scalar power(Int128 base, Int128 exponent) {
    if (exponent < 0) {
        return real_power(static_cast<double>(base), static_cast<double>(exponent));
    }
    Int128 result = 1;
    for (Int128 square = base; exponent != 0; exponent >>= 1) {
        if ((exponent & 1) != 0 && __builtin_mul_overflow(result, square, &result)) {
            return kOverflow;
        }
        if (exponent > 1 && __builtin_mul_overflow(square, square, &square)) {
            return kOverflow;
        }
    }
    return result;
}

// Python's int / int: the double nearest to the exact quotient.
double true_quotient(Int128 left, Int128 right) {
    auto is_exact = [](Int128 value) { return -kExactInDouble <= value && value <= kExactInDouble; };
    if (is_exact(left) && is_exact(right)) {
        return static_cast<double>(left) / static_cast<double>(right);
    }
    auto magnitude = [](Int128 value) {
        return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
    };
    UInt128 divisor = magnitude(right);
    UInt128 quotient = magnitude(left) / divisor;
    UInt128 rest = magnitude(left) % divisor;
    constexpr UInt128 kEnoughBits = UInt128{1} << 60U;  // more than a double has
    int exponent = 0;
    for (; quotient < kEnoughBits && rest != 0; --exponent) {
        rest *= 2;
        quotient = 2 * quotient + (rest >= divisor ? 1 : 0);
        rest -= rest >= divisor ? divisor : 0;
    }
    quotient |= rest != 0 ? 1 : 0;  // so that the conversion does not take it for a tie
    double result = std::ldexp(static_cast<double>(quotient), exponent);
    return (left < 0) != (right < 0) ? -result : result;
}

Scalar divide(Op op, Int128 left, Int128 right) {
    if (right == 0) {
        return kDivisionByZero;
    }
    if (op == Op::real_divide) {
        return true_quotient(left, right);
    }
    if (left == kInt128Min && right == -1) {
        return op == Op::modulo ? Scalar(Int128{0}) : Scalar(kOverflow);
    }
    Int128 quotient = floor_quotient(left, right);
    return op == Op::modulo ? left - quotient * right : quotient;
}

Scalar arithmetic(Op op, Int128 left, Int128 right) {
    Int128 result = 0;
    bool overflows = false;
    switch (op) {
        case Op::add:
            overflows = __builtin_add_overflow(left, right, &result);
            break;
        case Op::subtract:
            overflows = __builtin_sub_overflow(left, right, &result);
            break;
        case Op::multiply:
            overflows = __builtin_mul_overflow(left, right, &result);
            break;
        case Op::power:
            return power(left, right);
        default:
            return divide(op, left, right);
    }
    return overflows ? Scalar(kOverflow) : Scalar(result);
}

Scalar arithmetic(Op op, double left, double right) {
    bool divides = op == Op::floor_divide || op == Op::real_divide || op == Op::modulo;
    if (divides && right == 0) {
        return kDivisionByZero;
    }
    switch (op) {
        case Op::add:
            return left + right;
        case Op::subtract:
            return left - right;
        case Op::multiply:
            return left * right;
        case Op::power:
            return real_power(left, right);
        case Op::floor_divide:
            return floor_quotient(left, right);
        case Op::modulo:
            return modulo(left, right);
        default:
            return left / right;
    }
}

Scalar ordering(Op op, const Scalar& left, const Scalar& right) {
    std::partial_ordering order = compare(left, right);
    auto result = [](bool holds) { return Scalar(Int128{holds ? 1 : 0}); };
    if (op == Op::equal || op == Op::not_equal) {
        return result((order == std::partial_ordering::equivalent) == (op == Op::equal));
    }
    if (is_text(left) != is_text(right)) {
        return kUnordered;
    }
    switch (op) {
        case Op::less:
            return result(std::is_lt(order));
        case Op::less_equal:
            return result(std::is_lteq(order));
        case Op::greater:
            return result(std::is_gt(order));
        case Op::greater_equal:
            return result(std::is_gteq(order));
        case Op::minimum:
            return std::is_gt(order) ? right : left;
        default:
            return std::is_lt(order) ? right : left;
    }
}

}  // namespace

Scalar to_scalar(const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        return Int128{*integer};
    }
    if (const auto* real = std::get_if<double>(&value)) {
        return *real;
    }
    return std::string_view(std::get<std::string>(value));
}

std::optional<Value> to_value(const Scalar& scalar) {
    if (const auto* integer = std::get_if<Int128>(&scalar)) {
        bool fits = *integer >= std::numeric_limits<std::int64_t>::min() &&
                    *integer <= std::numeric_limits<std::int64_t>::max();
        return fits ? std::optional<Value>(static_cast<std::int64_t>(*integer)) : std::nullopt;
    }
    if (const auto* real = std::get_if<double>(&scalar)) {
        return *real;
    }
    if (const auto* text = std::get_if<std::string_view>(&scalar)) {
        return std::string(*text);
    }
    return std::nullopt;
}

bool truth(const Scalar& scalar) {
    if (const auto* integer = std::get_if<Int128>(&scalar)) {
        return *integer != 0;
    }
    if (const auto* real = std::get_if<double>(&scalar)) {
        return *real != 0;
    }
    const auto* text = std::get_if<std::string_view>(&scalar);
    return text != nullptr && !text->empty();
}

std::partial_ordering compare(const Scalar& left, const Scalar& right) {
    const auto* left_integer = std::get_if<Int128>(&left);
    const auto* right_integer = std::get_if<Int128>(&right);
    if (left_integer != nullptr && right_integer != nullptr) {
        return order(*left_integer, *right_integer);
    }
    if (failed(left) || failed(right) || is_text(left) != is_text(right)) {
        return std::partial_ordering::unordered;
    }
    if (is_text(left)) {
        return std::get<std::string_view>(left) <=> std::get<std::string_view>(right);
    }
    if (left_integer != nullptr) {
        return order(*left_integer, std::get<double>(right));
    }
    if (right_integer != nullptr) {
        std::partial_ordering swapped = order(*right_integer, std::get<double>(left));
        return std::is_lt(swapped)   ? std::partial_ordering::greater
               : std::is_gt(swapped) ? std::partial_ordering::less
                                     : swapped;
    }
    return std::get<double>(left) <=> std::get<double>(right);
}

Scalar compute(Op op, const Scalar& operand) {
    if (failed(operand)) {
        return operand;
    }
    if (op == Op::named) {
        return operand;
    }
    if (op == Op::logical_not) {
        return Int128{truth(operand) ? 0 : 1};
    }
    if (is_text(operand)) {
        return kTextInArithmetic;
    }
    if (const auto* integer = std::get_if<Int128>(&operand)) {
        bool positive = op == Op::absolute && *integer >= 0;
        return positive ? operand : arithmetic(Op::subtract, Int128{0}, *integer);
    }
    double real = std::get<double>(operand);
    return op == Op::absolute ? std::fabs(real) : -real;
}

Scalar compute(Op op, const Scalar& left, const Scalar& right) {
    if (failed(left) || failed(right)) {
        return failed(left) ? left : right;
    }
    bool compares = op >= Op::equal && op <= Op::greater_equal;
    if (compares || op == Op::minimum || op == Op::maximum) {
        return ordering(op, left, right);
    }
    if (is_text(left) || is_text(right)) {
        return kTextInArithmetic;
    }
    const auto* left_integer = std::get_if<Int128>(&left);
    const auto* right_integer = std::get_if<Int128>(&right);
    if (left_integer != nullptr && right_integer != nullptr) {
        return arithmetic(op, *left_integer, *right_integer);
    }
    return arithmetic(op, as_double(left), as_double(right));
}

}  // namespace warpsmith
