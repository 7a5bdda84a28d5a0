#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

double between(const CellInput& in, const double* state, const Precision& p) {
    double reset = p.store(sigmoid(p.store(in.x[0] + in.product[0])));
    return p.store(reset * state[0]);
}

void gru_reset_before_step(const CellInput& in, double* state, const Precision& p) {
    double update = p.store(sigmoid(p.store(in.x[1] + in.product[1])));
    double candidate = p.store(std::tanh(p.store(in.x[2] + in.product[2])));
    state[0] = p.store(p.store((1 - update) * candidate) + p.store(update * state[0]));
}

}  // namespace

Family gru_reset_before_family() {
    return recurrent_family({.name = "gru_reset_before",
                             .summary = "gated recurrent unit, reset before the product: two products in a step",
                             .gates = {"r", "z", "n"},
                             .states = {"h"},
                             .cell_type = [](const Workload&) { return "GruResetBefore"; },
                             .step = [](const Workload&) { return gru_reset_before_step; },
                             .special_functions = 3,
                             .first_gates = 2,
                             .between = between});
}

}  // namespace warpsmith
