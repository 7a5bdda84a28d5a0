// Random numbers that are the same on every platform for the same seed.
#pragma once

#include <array>
#include <cstdint>

#include "solver/scalar.hpp"

namespace warpsmith {

// xoshiro256** of Blackman and Vigna ("Scrambled Linear Pseudorandom Number Generators", 2021), whose state is filled
// by SplitMix64 from the seed.
class RandomStream {
  public:
    explicit RandomStream(std::uint64_t seed);

    std::uint64_t next();

    // One of 0 ... bound - 1, each equally likely; `bound` is not 0.
    UInt128 below(UInt128 bound);

  private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace warpsmith
