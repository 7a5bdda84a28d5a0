#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

void leaky_step(const CellInput& in, double* state, const Precision& p) {
    const double sum = p.store(in.x[0] + in.product[0]);
    state[1] = p.store(p.store(p.store(1 - in.w[0]) * state[1]) + p.store(in.w[0] * sum));
    state[0] = p.store(std::tanh(state[1]));
}

}  // namespace

Family leaky_family() {
    return recurrent_family(
        {.name = "leaky",
         .summary = "leaky integrators, each with its time constant, a head per block, cluster or grid",
         .gates = {"u"},
         .states = {"h", "u"},
         .parameters = {"rate"},
         .least_parameter = 0,
         .cell_type = [](const Workload&) { return "Leaky"; },
         .step = [](const Workload&) { return leaky_step; },
         .special_functions = 1});
}

}  // namespace warpsmith
