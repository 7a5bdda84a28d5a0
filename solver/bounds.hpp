// What is known of an integer while some variables are not set: between what it lies, and what divides it.
#pragma once

#include <cstdint>
#include <span>

#include "solver/expr.hpp"

namespace warpsmith {

struct Bounds {
    std::int64_t low = 0;
    std::int64_t high = 0;
    std::int64_t divisor = 0;  // of every value; 0: nothing is known, not even that there is a value

    bool known() const { return divisor != 0; }
    bool always_true() const { return known() && (low > 0 || high < 0); }
    bool always_false() const { return known() && low == 0 && high == 0; }
};

// Of a number beyond 2^62: not known, so that sums of two known bounds fit into 64 bits.
Bounds bounds_of(std::int64_t value);
Bounds bounds_between(std::int64_t low, std::int64_t high);

// For each setting of the variables: when the result is known, the operation has a value and it lies within.
Bounds bounds_of(Op op, std::span<const Bounds> operands);

}  // namespace warpsmith
