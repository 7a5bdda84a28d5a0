#include "solver/bounds.hpp"

#include <algorithm>
#include <array>

#include "solver/scalar.hpp"

namespace warpsmith {
namespace {

constexpr std::int64_t kFarthest = std::int64_t{1} << 62U;

bool is_point(const Bounds& bounds) {
    return bounds.low == bounds.high;
}

Bounds between(std::int64_t low, std::int64_t high, std::int64_t divisor = 1) {
    if (low < -kFarthest || high > kFarthest) {
        return {};
    }
    if (low == high) {
        divisor = low == 0 ? 1 : std::abs(low);
    }
    return {.low = low, .high = high, .divisor = divisor};
}

Bounds join(const Bounds& left, const Bounds& right) {
    if (!left.known() || !right.known()) {
        return {};
    }
    return between(std::min(left.low, right.low), std::max(left.high, right.high),
                   left.divisor == right.divisor ? left.divisor : 1);
}

Bounds truth(bool can_be_false, bool can_be_true) {
    return {.low = can_be_false ? 0 : 1, .high = can_be_true ? 1 : 0, .divisor = 1};
}

Bounds product(const Bounds& left, const Bounds& right) {
    std::array<std::int64_t, 4> corners{};
    bool beyond = __builtin_mul_overflow(left.low, right.low, corners.data()) ||
                  __builtin_mul_overflow(left.high, right.high, &corners[1]);
    std::int64_t divisor = 0;
    const bool divisor_fits = !__builtin_mul_overflow(left.divisor, right.divisor, &divisor);
    divisor = divisor_fits ? divisor : 1;
    if (left.low >= 0 && right.low >= 0) {
        return beyond ? Bounds{} : between(corners[0], corners[1], divisor);
    }
    beyond = beyond || __builtin_mul_overflow(left.low, right.high, &corners[2]) ||
             __builtin_mul_overflow(left.high, right.low, &corners[3]);
    const auto [low, high] = std::ranges::minmax(corners);
    return beyond ? Bounds{} : between(low, high, divisor);
}

std::int64_t floor_quotient(std::int64_t left, std::int64_t right) {
    return left / right - (left < 0 && left % right != 0 ? 1 : 0);
}

// Of divisors from 1.
Bounds quotient(const Bounds& left, const Bounds& right) {
    return between(floor_quotient(left.low, left.low < 0 ? right.low : right.high),
                   floor_quotient(left.high, left.high < 0 ? right.high : right.low));
}

// Of divisors from 1.
Bounds remainder(const Bounds& left, const Bounds& right) {
    if (left.low >= 0 && left.high < right.low) {
        return left;
    }
    if (is_point(right) && left.divisor % right.low == 0) {
        return bounds_of(0);
    }
    if (is_point(right) && is_point(left)) {
        const std::int64_t rest = left.low % right.low;
        return bounds_of(rest < 0 ? rest + right.low : rest);
    }
    // What divides every divisor but not the dividend: then no divisor divides it.
    const bool never_zero = is_point(left) && left.low % right.divisor != 0;
    return between(never_zero ? 1 : 0, left.low < 0 ? right.high - 1 : std::min(left.high, right.high - 1));
}

Bounds comparison(Op op, const Bounds& left, const Bounds& right) {
    switch (op) {
        case Op::less:
            return truth(left.high >= right.low, left.low < right.high);
        case Op::less_equal:
            return truth(left.high > right.low, left.low <= right.high);
        case Op::greater:
            return comparison(Op::less, right, left);
        case Op::greater_equal:
            return comparison(Op::less_equal, right, left);
        default:
            break;
    }
    const bool apart = left.high < right.low || right.high < left.low;
    const bool same = is_point(left) && is_point(right) && left.low == right.low;
    return op == Op::equal ? truth(!same, !apart) : truth(!apart, !same);
}

Bounds unary(Op op, const Bounds& operand) {
    switch (op) {
        case Op::logical_not:
            return truth(!operand.always_false(), !operand.always_true());
        case Op::negate:
            return between(-operand.high, -operand.low, operand.divisor);
        default:  // absolute
            return operand.low >= 0   ? operand
                   : operand.high < 0 ? between(-operand.high, -operand.low, operand.divisor)
                                      : between(0, std::max(-operand.low, operand.high), operand.divisor);
    }
}

// What has no rule of its own: only of single values.
Bounds computed(Op op, const Bounds& left, const Bounds& right) {
    if (!is_point(left) || !is_point(right)) {
        return {};
    }
    const Scalar value = compute(op, Int128{left.low}, Int128{right.low});
    const auto* integer = std::get_if<Int128>(&value);
    const bool fits = integer != nullptr && *integer >= -kFarthest && *integer <= kFarthest;
    return fits ? bounds_of(static_cast<std::int64_t>(*integer)) : Bounds{};
}

Bounds binary(Op op, const Bounds& left, const Bounds& right) {
    switch (op) {
        case Op::add:
            return between(left.low + right.low, left.high + right.high);
        case Op::subtract:
            return between(left.low - right.high, left.high - right.low);
        case Op::multiply:
            return product(left, right);
        case Op::floor_divide:
            return right.low >= 1 ? quotient(left, right) : computed(op, left, right);
        case Op::modulo:
            return right.low >= 1 ? remainder(left, right) : computed(op, left, right);
        case Op::minimum:
            return between(std::min(left.low, right.low), std::min(left.high, right.high));
        case Op::maximum:
            return between(std::max(left.low, right.low), std::max(left.high, right.high));
        case Op::power:
        case Op::real_divide:
            return computed(op, left, right);
        default:
            return comparison(op, left, right);
    }
}

// The operators that do not evaluate all of their operands.
Bounds choice(Op op, std::span<const Bounds> operands) {
    const Bounds& first = operands[0];
    if (!first.known()) {
        return {};
    }
    const Bounds& if_true = op == Op::logical_or ? first : operands[1];
    const Bounds& if_false = op == Op::logical_and ? first : operands.back();
    return first.always_true() ? if_true : first.always_false() ? if_false : join(if_true, if_false);
}

}  // namespace

Bounds bounds_of(std::int64_t value) {
    return between(value, value);
}

Bounds bounds_between(std::int64_t low, std::int64_t high) {
    return between(low, high);
}

Bounds bounds_of(Op op, std::span<const Bounds> operands) {
    if (op == Op::logical_and || op == Op::logical_or || op == Op::select) {
        return choice(op, operands);
    }
    if (!operands[0].known() || !operands.back().known()) {
        return {};
    }
    return operands.size() == 1 ? unary(op, operands[0]) : binary(op, operands[0], operands[1]);
}

}  // namespace warpsmith
