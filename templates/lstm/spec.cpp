#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

void step(const CellInput& in, double* state, const Precision& p) {
    double input = p.store(sigmoid(p.store(in.x[0] + in.product[0])));
    double forget = p.store(sigmoid(p.store(in.x[1] + in.product[1])));
    double candidate = p.store(std::tanh(p.store(in.x[2] + in.product[2])));
    double output = p.store(sigmoid(p.store(in.x[3] + in.product[3])));
    state[1] = p.store(p.store(forget * state[1]) + p.store(input * candidate));
    state[0] = p.store(output * p.store(std::tanh(state[1])));
}

}  // namespace

Family lstm_family() {
    return recurrent_family({.name = "lstm",
                             .summary = "long short-term memory, a head per block or cluster",
                             .gates = {"i", "f", "g", "o"},
                             .states = {"h", "c"},
                             .parameters = {},
                             .options = {},
                             .cell_type = [](const Workload&) { return "Lstm"; },
                             .step = [](const Workload&) { return step; },
                             .special_functions = 5});
}

}  // namespace warpsmith
