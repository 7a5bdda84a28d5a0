#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

void gru_step(const CellInput& in, double* state, const Precision& p) {
    double reset = p.store(sigmoid(p.store(in.x[0] + in.product[0])));
    double update = p.store(sigmoid(p.store(in.x[1] + in.product[1])));
    double candidate = p.store(std::tanh(p.store(in.x[2] + p.store(reset * in.product[2]))));
    state[0] = p.store(p.store((1 - update) * candidate) + p.store(update * state[0]));
}

}  // namespace

Family gru_family() {
    return recurrent_family(
        {.name = "gru",
         .summary = "gated recurrent unit, reset after the product, a head per block, cluster or grid",
         .gates = {"r", "z", "n"},
         .states = {"h"},
         .sums_gates = false,
         .cell_type = [](const Workload&) { return "Gru"; },
         .step = [](const Workload&) { return gru_step; },
         .special_functions = 3});
}

}  // namespace warpsmith
