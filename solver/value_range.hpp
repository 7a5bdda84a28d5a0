// Integers that are described instead of listed, and the two kinds of lists that a number describes.
#pragma once

#include <cstdint>
#include <vector>

#include "solver/expr.hpp"

namespace warpsmith {

// first, first + step, ... as far as last, which counts when it is met.
struct ValueRange {
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::int64_t step = 1;  // not 0; the values descend when it is negative

    bool operator==(const ValueRange&) const = default;
};

inline constexpr std::uint64_t kMaxRangeSize = std::uint64_t{1} << 62U;

bool is_too_large(const ValueRange& range);  // more values than kMaxRangeSize

// How many values it has. Throws Error when the step is 0 or it is too large.
std::uint64_t size(const ValueRange& range);

bool contains(const ValueRange& range, std::int64_t value);

// Ascending. Throws Error when the number is below 1. Large numbers are taken apart by Pollard's rho method (BIT 15,
// 1975), so that the divisors of every number of 63 bits are found quickly.
std::vector<std::int64_t> divisors_of(std::int64_t number);

// 1, 2, 4, ... as far as they lie within these two.
std::vector<std::int64_t> powers_of_two(std::int64_t first, std::int64_t last);

}  // namespace warpsmith
