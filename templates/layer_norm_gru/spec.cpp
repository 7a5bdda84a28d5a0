#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

double scaled(const CellInput& in, std::size_t g, const Precision& p) {
    return p.store(in.w[g] * in.product[g]);
}

void layer_norm_gru_step(const CellInput& in, double* state, const Precision& p) {
    double reset = p.store(sigmoid(p.store(in.x[0] + scaled(in, 0, p))));
    double update = p.store(sigmoid(p.store(in.x[1] + scaled(in, 1, p))));
    double seen = p.store(reset * p.store(scaled(in, 2, p) + in.w[3]));
    double candidate = p.store(std::tanh(p.store(in.x[2] + seen)));
    state[0] = p.store(p.store((1 - update) * candidate) + p.store(update * state[0]));
}

}  // namespace

Family layer_norm_gru_family() {
    return recurrent_family({.name = "layer_norm_gru",
                             .summary = "gated recurrent unit with layer-normalised R h",
                             .gates = {"r", "z", "n"},
                             .states = {"h"},
                             .parameters = {"gain_r", "gain_z", "gain_n", "bias_n"},
                             .cell_type = [](const Workload&) { return "LayerNormGru"; },
                             .step = [](const Workload&) { return layer_norm_gru_step; },
                             .special_functions = 3,
                             .normalises = true});
}

}  // namespace warpsmith
