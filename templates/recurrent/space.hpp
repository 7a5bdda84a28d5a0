// The configurations of the recurrent kernels: one for tensor cores, one for f32 arithmetic.
#pragma once

#include "templates/family.hpp"

namespace warpsmith {

struct RecurrentShape {
    std::int64_t gates = 1;
    std::int64_t states = 1;
    std::int64_t parameters = 0;         // per unit
    std::int64_t inputs = 0;             // of x besides those of gates
    bool sums_gates = true;              // whether the sum of x and the product is all that the backward pass needs
    bool product = true;                 // whether there is one
    std::int64_t special_functions = 0;  // per unit and step
    std::int64_t first_gates = 1;        // whose product takes in h; those behind have another one
    std::int64_t moments = 0;            // that training keeps of a cell that normalises
    bool projects = false;               // whether h has a size of its own, H, and a product makes it of the units
    Workload workload;
};

Space recurrent_space(const RecurrentShape& shape, const Target& target);

// That only f32 has a choice of precision.
void require_f32_for_precision(Model& model, const Workload& workload);

}  // namespace warpsmith
