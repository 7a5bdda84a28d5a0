#include "solver/knowledge.hpp"

#include <algorithm>
#include <numeric>

namespace warpsmith {
namespace {

constexpr Int128 kLargest = Int128{1} << 62U;

Int128 greatest_common_divisor(Int128 left, Int128 right) {
    while (right != 0) {
        left = std::exchange(right, left % right);
    }
    return left < 0 ? -left : left;
}

Int128 floor_modulo(Int128 value, Int128 modulus) {
    Int128 remainder = value % modulus;
    return remainder < 0 ? remainder + modulus : remainder;
}

Congruence normalized(Int128 modulus, Int128 residue) {
    modulus = modulus < 0 ? -modulus : modulus;
    residue = modulus == 0 ? residue : floor_modulo(residue, modulus);
    bool fits = modulus <= kLargest && residue <= kLargest && residue >= -kLargest;
    return fits ? Congruence{modulus, residue} : Congruence{};
}

// x with value * x = 1 modulo `modulus`, to which `value` has no common factor.
Int128 inverse(Int128 value, Int128 modulus) {
    Int128 previous = modulus;
    Int128 current = floor_modulo(value, modulus);
    Int128 previous_factor = 0;
    Int128 factor = 1;
    while (current > 1) {
        Int128 quotient = previous / current;
        previous = std::exchange(current, previous - quotient * current);
        previous_factor = std::exchange(factor, previous_factor - quotient * factor);
    }
    return floor_modulo(factor, modulus);
}

Congruence of_integers(const std::vector<Scalar>& values) {
    Int128 first = std::get<Int128>(values.front());
    Int128 step = 0;
    for (const Scalar& value : values) {
        step = greatest_common_divisor(step, std::get<Int128>(value) - first);
    }
    return normalized(step, first);
}

}  // namespace

Congruence sum(const Congruence& left, const Congruence& right) {
    return normalized(greatest_common_divisor(left.modulus, right.modulus), left.residue + right.residue);
}

Congruence product(const Congruence& left, const Congruence& right) {
    Int128 modulus =
        greatest_common_divisor(left.modulus * right.modulus,
                                greatest_common_divisor(left.modulus * right.residue, right.modulus * left.residue));
    return normalized(modulus, left.residue * right.residue);
}

Int128 Knowledge::size() const {
    return low > high ? 0 : congruence.modulus == 0 ? 1 : (high - low) / congruence.modulus + 1;
}

bool Knowledge::allows(Int128 value) const {
    bool leaves_residue = congruence.modulus == 0 ? value == congruence.residue
                                                  : floor_modulo(value, congruence.modulus) == congruence.residue;
    return value >= low && value <= high && leaves_residue && (divides == 0 || divides % value == 0);
}

Knowledge knowledge_of(std::vector<Scalar> values) {
    Knowledge known{.listed = true, .values = std::move(values)};
    known.whole = !known.values.empty() && std::ranges::all_of(known.values, [](const Scalar& value) {
        return std::holds_alternative<Int128>(value);
    });
    if (known.whole) {
        auto [low, high] =
            std::ranges::minmax(known.values, {}, [](const Scalar& value) { return std::get<Int128>(value); });
        known.low = std::get<Int128>(low);
        known.high = std::get<Int128>(high);
        known.congruence = of_integers(known.values);
    }
    return known;
}

Knowledge knowledge_of(const Variable& variable) {
    if (!variable.range) {
        std::vector<Scalar> values;
        std::ranges::transform(variable.values, std::back_inserter(values), to_scalar);
        return knowledge_of(std::move(values));
    }
    if (size(*variable.range) == 0) {
        return {.whole = true};
    }
    const Int128 step = variable.range->step;
    const Int128 first = variable.range->first;
    const Int128 last = first + (static_cast<Int128>(size(*variable.range)) - 1) * step;
    return {.whole = true,
            .low = std::min(first, last),
            .high = std::max(first, last),
            .congruence = normalized(step, first)};
}

bool limit(Knowledge& known, Int128 low, Int128 high) {
    if (low <= known.low && high >= known.high) {
        return false;
    }
    if (low > known.high || high < known.low) {
        known.high = known.low - 1;
        return true;
    }
    known.low = std::max(known.low, low);
    known.high = std::min(known.high, high);
    const auto& [modulus, residue] = known.congruence;
    if (modulus > 0) {
        known.low += floor_modulo(residue - known.low, modulus);
        known.high -= floor_modulo(known.high - residue, modulus);
    }
    return true;
}

bool meet(Knowledge& known, const Congruence& congruence) {
    const auto [modulus, residue] = known.congruence;
    if (congruence.modulus == 0 || modulus == 0) {
        return false;  // bounds say as much
    }
    Int128 common = greatest_common_divisor(modulus, congruence.modulus);
    Int128 difference = congruence.residue - residue;
    if (difference % common != 0) {
        bool had_values = known.low <= known.high;
        known.high = known.low - 1;
        return had_values;
    }
    Int128 factor = congruence.modulus / common;
    if (factor == 1 || modulus * factor > kLargest) {
        return false;
    }
    // The Chinese remainder theorem.
    Int128 times = floor_modulo(floor_modulo(difference / common, factor) * inverse(modulus / common, factor), factor);
    known.congruence = normalized(modulus * factor, residue + modulus * times);
    known.low += floor_modulo(known.congruence.residue - known.low, known.congruence.modulus);
    known.high -= floor_modulo(known.high - known.congruence.residue, known.congruence.modulus);
    return true;
}

bool divide(Knowledge& known, Int128 dividend) {
    Int128 common = greatest_common_divisor(known.divides, dividend);
    bool is_new = common != known.divides;
    known.divides = common;
    return limit(known, 1, common) || is_new;
}

}  // namespace warpsmith
