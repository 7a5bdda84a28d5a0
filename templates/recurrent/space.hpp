// The configurations of the recurrent kernels: one for tensor cores, one for f32 arithmetic.
#pragma once

#include "templates/family.hpp"

namespace warpsmith {

struct RecurrentShape {
    std::int64_t gates = 1;
    std::int64_t states = 1;
    std::int64_t parameters = 0;         // per unit
    bool sums_gates = true;              // whether x and the product are used in their sum alone
    std::int64_t special_functions = 0;  // per unit and step
    Workload workload;
};

Space recurrent_space(const RecurrentShape& shape, const Target& target);

}  // namespace warpsmith
