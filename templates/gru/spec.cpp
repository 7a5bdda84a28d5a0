#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

void step(const double* x, const double* product, double* state, const Precision& p) {
    double reset = p.store(sigmoid(p.store(x[0] + product[0])));
    double update = p.store(sigmoid(p.store(x[1] + product[1])));
    double candidate = p.store(std::tanh(p.store(x[2] + p.store(reset * product[2]))));
    state[0] = p.store(p.store((1 - update) * candidate) + p.store(update * state[0]));
}

}  // namespace

Family gru_family() {
    return recurrent_family(
        {.name = "gru",
         .summary = "gated recurrent unit, reset after the product, forward, a head per block or cluster",
         .gates = {"r", "z", "n"},
         .states = {"h"},
         .options = {},
         .cell_type = [](const Workload&) { return "Gru"; },
         .step = [](const Workload&) { return step; },
         .special_functions = 3});
}

}  // namespace warpsmith
