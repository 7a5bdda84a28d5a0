#include "tuner/strategies/draws.hpp"

#include <cmath>
#include <numbers>

namespace warpsmith {

double uniform(RandomStream& random) {
    return static_cast<double>(random.next() >> 11U) * 0x1p-53;
}

// Box and Muller.
double normal(RandomStream& random) {
    const double radius = std::sqrt(-2 * std::log(1 - uniform(random)));
    return radius * std::cos(2 * std::numbers::pi * uniform(random));
}

std::size_t below(RandomStream& random, std::size_t bound) {
    return static_cast<std::size_t>(random.below(bound));
}

}  // namespace warpsmith
