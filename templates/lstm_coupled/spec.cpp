#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

void lstm_coupled_step(const CellInput& in, double* state, const Precision& p) {
    const double forget = p.store(sigmoid(p.store(in.x[0] + in.product[0])));
    const double candidate = p.store(std::tanh(p.store(in.x[1] + in.product[1])));
    const double output = p.store(sigmoid(p.store(in.x[2] + in.product[2])));
    state[1] = p.store(p.store(forget * state[1]) + p.store(p.store(1 - forget) * candidate));
    state[0] = p.store(output * p.store(std::tanh(state[1])));
}

}  // namespace

Family lstm_coupled_family() {
    return recurrent_family({.name = "lstm_coupled",
                             .summary = "LSTM with the input gate 1 - f, a head per block, cluster or grid",
                             .gates = {"f", "g", "o"},
                             .states = {"h", "c"},
                             .cell_type = [](const Workload&) { return "LstmCoupled"; },
                             .step = [](const Workload&) { return lstm_coupled_step; },
                             .special_functions = 4});
}

}  // namespace warpsmith
