// Inputs: for each type the values at which instructions differ, crossed, and random ones.
#pragma once

#include <initializer_list>

#include "tests/conformance/case.hpp"

namespace warpsmith::conformance {

// A fixed sequence of random bits (splitmix64).
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();

  private:
    std::uint64_t state_;
};

// Special values of a type, the most telling first. A set may stand behind a colon: "u32:amount" is a shift amount.
Values special_values(std::string_view type);
std::uint64_t random_value(std::string_view type, Random& random);

// [operand][row]: special values crossed, then random rows; a multiple of 32 rows.
std::vector<Values> crossed(const std::vector<std::string>& operands);

}  // namespace warpsmith::conformance
