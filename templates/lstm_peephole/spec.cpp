#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

void lstm_peephole_step(const CellInput& in, double* state, const Precision& p) {
    auto gate = [&](int g, int w) {
        const double sum = p.store(in.x[g] + in.product[g]);
        return p.store(sigmoid(p.store(sum + p.store(in.w[w] * state[1]))));
    };
    const double input = gate(0, 0), forget = gate(1, 1);
    const double candidate = p.store(std::tanh(p.store(in.x[2] + in.product[2])));
    state[1] = p.store(p.store(forget * state[1]) + p.store(input * candidate));
    state[0] = p.store(gate(3, 2) * p.store(std::tanh(state[1])));
}

}  // namespace

Family lstm_peephole_family() {
    return recurrent_family({.name = "lstm_peephole",
                             .summary = "LSTM whose gates see the cell state, a head per block, cluster or grid",
                             .gates = {"i", "f", "g", "o"},
                             .states = {"h", "c"},
                             .parameters = {"i", "f", "o"},
                             .cell_type = [](const Workload&) { return "LstmPeephole"; },
                             .step = [](const Workload&) { return lstm_peephole_step; },
                             .special_functions = 5});
}

}  // namespace warpsmith
