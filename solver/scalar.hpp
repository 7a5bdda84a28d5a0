// One value while it is computed, with Python's arithmetic: 128-bit integers, doubles, text, or why there is no value.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "solver/expr.hpp"

namespace warpsmith {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;
inline constexpr Int128 kInt128Max = static_cast<Int128>(~UInt128{0} >> 1U);
inline constexpr Int128 kInt128Min = -kInt128Max - 1;

// Doubles stand for every integer up to here; Python's int / int and int < float are exact below it.
inline constexpr std::int64_t kExactInDouble = std::int64_t{1} << 53;

struct Failure {
    const char* reason;  // a string literal
};

// Text refers to the expression or variable it comes from and must not outlive it.
using Scalar = std::variant<Int128, double, std::string_view, Failure>;

Scalar to_scalar(const Value& value);
std::optional<Value> to_value(const Scalar& scalar);  // none for a Failure and for an integer beyond 64 bits

inline bool failed(const Scalar& scalar) {
    return std::holds_alternative<Failure>(scalar);
}
bool truth(const Scalar& scalar);                                        // of a Failure: false
std::partial_ordering compare(const Scalar& left, const Scalar& right);  // exact; text and numbers are unordered

// `op` takes one operand or two and is not logical_and, logical_or or select, which decide what is evaluated.
Scalar compute(Op op, const Scalar& operand);
Scalar compute(Op op, const Scalar& left, const Scalar& right);

}  // namespace warpsmith
