#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

double gate(const CellInput& in, std::size_t g, const Precision& p) {
    return p.store(in.x[g] + p.store(in.w[g] * in.product[g]));
}

double cell(const CellInput& in, const double* state, const Precision& p) {
    double input = p.store(sigmoid(gate(in, 0, p))), forget = p.store(sigmoid(gate(in, 1, p)));
    double candidate = p.store(std::tanh(gate(in, 2, p)));
    return p.store(p.store(forget * state[1]) + p.store(input * candidate));
}

void layer_norm_lstm_step(const CellInput& in, double* state, const Precision& p) {
    state[1] = cell(in, state, p);
    double output = p.store(sigmoid(gate(in, 3, p)));
    state[0] = p.store(output * p.store(std::tanh(p.store(p.store(in.w[4] * in.product[4]) + in.w[5]))));
}

}  // namespace

Family layer_norm_lstm_family() {
    return recurrent_family({.name = "layer_norm_lstm",
                             .summary = "long short-term memory with layer-normalised R h and c",
                             .gates = {"i", "f", "g", "o"},
                             .states = {"h", "c"},
                             .parameters = {"gain_i", "gain_f", "gain_g", "gain_o", "gain_c", "bias_c"},
                             .cell_type = [](const Workload&) { return "LayerNormLstm"; },
                             .step = [](const Workload&) { return layer_norm_lstm_step; },
                             .special_functions = 5,
                             .between = cell,
                             .normalises = true,
                             .normalises_between = true});
}

}  // namespace warpsmith
