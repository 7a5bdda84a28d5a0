#include "solver/range.hpp"

#include <algorithm>
#include <cmath>

namespace warpsmith {
namespace {

const Scalar kZero = Int128{0};
const Scalar kOne = Int128{1};

bool is_finite_number(const Scalar& scalar) {
    const auto* real = std::get_if<double>(&scalar);
    return real != nullptr ? std::isfinite(*real) : std::holds_alternative<Int128>(scalar);
}

Range between(const Scalar& low, const Scalar& high) {
    return is_finite_number(low) && is_finite_number(high) ? Range{.low = low, .high = high} : Range{};
}

bool less(const Scalar& left, const Scalar& right) {
    return std::is_lt(compare(left, right));
}

bool is_comparison(Op op) {
    return op >= Op::equal && op <= Op::greater_equal;
}

bool contains_zero(const Range& range) {
    return !less(kZero, range.low) && !less(range.high, kZero);
}

Range truth_range(bool can_be_false, bool can_be_true) {
    return {.low = can_be_false ? kZero : kOne, .high = can_be_true ? kOne : kZero};
}

Range join(const Range& left, const Range& right) {
    return between(compute(Op::minimum, left.low, right.low), compute(Op::maximum, left.high, right.high));
}

// For operators that are monotonic in each operand, upwards or downwards: the extremes are at the corners.
Range corners(Op op, const Range& left, const Range& right) {
    if (op == Op::multiply && !less(left.low, kZero) && !less(right.low, kZero)) {
        return between(compute(op, left.low, right.low), compute(op, left.high, right.high));
    }
    Range result = between(compute(op, left.low, right.low), compute(op, left.low, right.low));
    for (const Scalar& corner :
         {compute(op, left.low, right.high), compute(op, left.high, right.low), compute(op, left.high, right.high)}) {
        result = join(result, between(corner, corner));
    }
    return result;
}

Range absolute(const Range& operand) {
    if (!less(operand.low, kZero)) {
        return operand;
    }
    Scalar flipped = compute(Op::negate, operand.low);
    Scalar low = less(operand.high, kZero) ? compute(Op::negate, operand.high) : kZero;
    return between(low, compute(Op::maximum, flipped, operand.high));
}

Range modulo(const Range& left, const Range& right) {
    bool positive = less(kZero, right.low);
    if (!positive && !less(right.high, kZero)) {
        return {};
    }
    if (positive && !less(left.low, kZero) && less(left.high, right.low)) {
        return left;
    }
    // An integer remainder stays one away from the divisor; a real one may be rounded to it.
    bool integer = left.whole && right.whole;
    if (!positive) {
        return between(integer ? compute(Op::add, right.low, kOne) : right.low, kZero);
    }
    Scalar high = integer ? compute(Op::subtract, right.high, kOne) : right.high;
    return between(kZero, less(left.low, kZero) ? high : compute(Op::minimum, high, left.high));
}

// Only of integers: the library's power of doubles is not monotonic.
Range power(const Range& base, const Range& exponent) {
    if (!base.whole || !exponent.whole || less(exponent.low, kZero)) {
        return {};
    }
    if (!less(base.low, kOne)) {
        return between(compute(Op::power, base.low, exponent.low), compute(Op::power, base.high, exponent.high));
    }
    Scalar largest = compute(Op::maximum, kOne, absolute(base).high);
    Scalar bound = compute(Op::power, largest, exponent.high);
    return between(less(base.low, kZero) ? compute(Op::negate, bound) : kZero, bound);
}

Range comparison(Op op, const Range& left, const Range& right) {
    switch (op) {
        case Op::less:
            return truth_range(!less(left.high, right.low), less(left.low, right.high));
        case Op::less_equal:
            return truth_range(less(right.low, left.high), !less(right.high, left.low));
        case Op::greater:
            return comparison(Op::less, right, left);
        case Op::greater_equal:
            return comparison(Op::less_equal, right, left);
        default:
            break;
    }
    bool apart = less(left.high, right.low) || less(right.high, left.low);
    bool single = std::is_eq(compare(left.low, left.high)) && std::is_eq(compare(right.low, right.high));
    bool same = single && std::is_eq(compare(left.low, right.low));
    return op == Op::equal ? truth_range(!same, !apart) : truth_range(!apart, !same);
}

Range unary(Op op, const Range& operand) {
    switch (op) {
        case Op::negate:
            return between(compute(Op::negate, operand.high), compute(Op::negate, operand.low));
        case Op::absolute:
            return absolute(operand);
        default:
            return operand;
    }
}

Range binary(Op op, const Range& left, const Range& right) {
    switch (op) {
        case Op::add:
            return between(compute(op, left.low, right.low), compute(op, left.high, right.high));
        case Op::subtract:
            return between(compute(op, left.low, right.high), compute(op, left.high, right.low));
        case Op::minimum:
        case Op::maximum:
            return between(compute(op, left.low, right.low), compute(op, left.high, right.high));
        case Op::multiply:
            return corners(op, left, right);
        case Op::floor_divide:
            // The quotient of doubles is corrected in a way that need not be monotonic.
            return left.whole && right.whole && !contains_zero(right) ? corners(op, left, right) : Range{};
        case Op::real_divide:
            return contains_zero(right) ? Range{} : corners(op, left, right);
        case Op::modulo:
            return modulo(left, right);
        case Op::power:
            return power(left, right);
        default:
            return comparison(op, left, right);
    }
}

// Of the result; whether it is whole is not looked at.
Range ends(Op op, std::span<const Range> operands) {
    const Range& first = operands[0];
    switch (op) {
        case Op::logical_not:
            return truth_range(!first.always_false(), !first.always_true());
        case Op::logical_and:
            return first.always_false() ? first : first.always_true() ? operands[1] : join(first, operands[1]);
        case Op::logical_or:
            return first.always_true() ? first : first.always_false() ? operands[1] : join(first, operands[1]);
        case Op::select:
            return first.always_true()    ? operands[1]
                   : first.always_false() ? operands[2]
                                          : join(operands[1], operands[2]);
        default:
            break;
    }
    bool known = first.known() && operands.back().known();
    if (!known) {
        return is_comparison(op) ? truth_range(true, true) : Range{};
    }
    return operands.size() == 1 ? unary(op, first) : binary(op, first, operands[1]);
}

}  // namespace

bool Range::always_true() const {
    return known() && !contains_zero(*this);
}

bool Range::always_false() const {
    return known() && std::is_eq(compare(low, kZero)) && std::is_eq(compare(high, kZero));
}

bool Range::within(Int128 least, Int128 greatest) const {
    return known() && !less(low, Scalar(least)) && !less(Scalar(greatest), high);
}

Range range_of(std::span<const Scalar> values) {
    Range range = values.empty() ? Range{} : between(values[0], values[0]);
    for (const Scalar& value : values) {
        range = join(range, between(value, value));
    }
    range.whole =
        std::ranges::all_of(values, [](const Scalar& value) { return std::holds_alternative<Int128>(value); });
    return range;
}

Range range_of(Op op, std::span<const Range> operands) {
    Range range = ends(op, operands);
    auto whole = [](const Range& operand) { return operand.whole; };
    bool truth = op == Op::logical_not || is_comparison(op);
    std::span<const Range> values = op == Op::select ? operands.subspan(1) : operands;
    bool divides = op == Op::real_divide || (op == Op::power && !range.known());
    range.whole = truth || (!divides && std::ranges::all_of(values, whole));
    return range;
}

}  // namespace warpsmith
