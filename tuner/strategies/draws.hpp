// Random numbers of the distributions that strategies draw from.
#pragma once

#include <cstddef>

#include "solver/random_stream.hpp"

namespace warpsmith {

double uniform(RandomStream& random);                        // from 0 to below 1
double normal(RandomStream& random);                         // of mean 0 and deviation 1
std::size_t below(RandomStream& random, std::size_t bound);  // bound is not 0

}  // namespace warpsmith
