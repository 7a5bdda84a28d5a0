#include "cache/formula.hpp"

#include <algorithm>
#include <limits>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

// Sizes are small: dividing 32 bits takes a fraction of the time.
bool is_short(std::int64_t a) {
    return a == static_cast<std::int32_t>(a) && a != std::numeric_limits<std::int32_t>::min();
}

// By one where the division leaves something and was rounded up; without a branch, which nobody could foresee.
template <class Integer>
Integer rounded_up(Integer remainder, Integer divisor) {
    return static_cast<Integer>((remainder != 0) & ((remainder ^ divisor) < 0));
}

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
    if (is_short(a) && is_short(b)) {
        const auto dividend = static_cast<std::int32_t>(a);
        const auto divisor = static_cast<std::int32_t>(b);
        return dividend / divisor - rounded_up(dividend % divisor, divisor);
    }
    return a / b - rounded_up(a % b, b);
}

std::int64_t floor_remainder(std::int64_t a, std::int64_t b) {
    const std::int64_t remainder = a % b;
    return remainder + rounded_up(remainder, b) * b;
}

bool divides_safely(std::int64_t a, std::int64_t b) {
    return b != 0 && !(b == -1 && a == std::numeric_limits<std::int64_t>::min());
}

constexpr std::size_t kFew = 16;  // parts, as a configuration leaves of most families' expressions

// As Python means it. False where there is no value.
bool compute(Op op, std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t& value) {
    const auto yields = [&](std::int64_t number) {
        value = number;
        return true;
    };
    switch (op) {
        case Op::negate:
            return !__builtin_sub_overflow(std::int64_t{0}, a, &value);
        case Op::absolute:
            return a >= 0 ? yields(a) : !__builtin_sub_overflow(std::int64_t{0}, a, &value);
        case Op::logical_not:
            return yields(a == 0 ? 1 : 0);
        case Op::add:
            return !__builtin_add_overflow(a, b, &value);
        case Op::subtract:
            return !__builtin_sub_overflow(a, b, &value);
        case Op::multiply:
            return !__builtin_mul_overflow(a, b, &value);
        case Op::floor_divide:
            return divides_safely(a, b) && yields(floor_quotient(a, b));
        case Op::modulo:
            return divides_safely(a, b) && yields(floor_remainder(a, b));
        case Op::minimum:
            return yields(a < b ? a : b);
        case Op::maximum:
            return yields(a < b ? b : a);
        case Op::equal:
            return yields(a == b ? 1 : 0);
        case Op::not_equal:
            return yields(a != b ? 1 : 0);
        case Op::less:
            return yields(a < b ? 1 : 0);
        case Op::less_equal:
            return yields(a <= b ? 1 : 0);
        case Op::greater:
            return yields(a > b ? 1 : 0);
        case Op::greater_equal:
            return yields(a >= b ? 1 : 0);
        case Op::logical_and:
            return yields(a == 0 ? a : b);
        case Op::logical_or:
            return yields(a != 0 ? a : b);
        case Op::select:
            return yields(a != 0 ? b : c);
        default:  // powers and real division of something that depends on a size: no family has them
            return false;
    }
}

// Which operand, besides the first, must have a value, given the first one's: 0 where none must.
std::size_t needed(Op op, std::int64_t first) {
    switch (op) {
        case Op::select:
            return first != 0 ? 1 : 2;
        case Op::logical_and:
            return first == 0 ? 0 : 1;
        case Op::logical_or:
            return first != 0 ? 0 : 1;
        default:
            return 1;
    }
}

}  // namespace

Formulas::Formulas(std::size_t inputs) {
    start_.reserve(inputs + kFew);
    start_.resize(inputs);
    operations_.reserve(kFew);
}

Formulas::Slot Formulas::add_slot(std::int64_t value) {
    if (start_.size() > std::numeric_limits<Slot>::max()) {
        throw Error(
            "laying out the expressions of a space: they have more than 65,536 parts; this is a bug in the family");
    }
    start_.push_back(value);
    return static_cast<Slot>(start_.size() - 1);
}

Formulas::Slot Formulas::add_number(std::int64_t number) {
    return add_slot(number);
}

Formulas::Slot Formulas::add_operation(Op op, const Operands& operands) {
    operations_.push_back({.op = op, .operands = operands, .result = add_slot(0)});
    return operations_.back().result;
}

// What inputs and operations yield is 0 at the start, so that any other number is one that was added.
Formulas::Slot Formulas::share_number(std::int64_t number) {
    const auto found = number == 0 ? start_.end() : std::find(start_.begin(), start_.end(), number);
    return found == start_.end() ? add_number(number) : static_cast<Slot>(found - start_.begin());
}

Formulas::Slot Formulas::share_operation(Op op, const Operands& operands) {
    const auto found = std::find_if(operations_.begin(), operations_.end(), [&](const Operation& other) {
        return other.op == op && other.operands == operands;
    });
    return found == operations_.end() ? add_operation(op, operands) : found->result;
}

Formulas::Slot Formulas::add_without_value() {
    return add_operation(Op::constant, {});
}

bool Formulas::evaluate(std::span<const std::int64_t> inputs, std::span<std::int64_t> values) const {
    std::copy(start_.begin(), start_.end(), values.begin());
    std::copy(inputs.begin(), inputs.end(), values.begin());
    bool present = true;
    for (const Operation& operation : operations_) {
        const auto& [first, second, third] = operation.operands;
        present =
            compute(operation.op, values[first], values[second], values[third], values[operation.result]) && present;
    }
    return present;
}

void Formulas::evaluate_each(std::span<const std::int64_t> inputs,
                             std::span<std::optional<std::int64_t>> values) const {
    std::copy(start_.begin(), start_.end(), values.begin());
    std::copy(inputs.begin(), inputs.end(), values.begin());
    for (const Operation& operation : operations_) {
        const auto operand = [&](std::size_t i) { return values[operation.operands[i]]; };
        std::int64_t value = 0;
        const bool has_value =
            operand(0) && operand(needed(operation.op, *operand(0))) &&
            compute(operation.op, *operand(0), operand(1).value_or(0), operand(2).value_or(0), value);
        values[operation.result] = has_value ? std::optional(value) : std::nullopt;
    }
}

}  // namespace warpsmith
