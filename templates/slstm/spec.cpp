#include <algorithm>
#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

// States h, c, n, m (arXiv 2405.04517, equations 8 to 17).
void slstm_step(const CellInput& in, double* state, const Precision& p) {
    double input = p.store(in.x[0] + in.product[0]);
    double forget = p.store(p.store(log_sigmoid(p.store(in.x[1] + in.product[1]))) + state[3]);
    double candidate = p.store(std::tanh(p.store(in.x[2] + in.product[2])));
    double output = p.store(sigmoid(p.store(in.x[3] + in.product[3])));
    double stabiliser = state[2] == 0 ? input : std::max(input, forget);
    double input_gate = std::min(1.0, p.store(std::exp(p.store(input - stabiliser))));
    double forget_gate = std::min(1.0, p.store(std::exp(p.store(forget - stabiliser))));
    state[1] = p.store(p.store(forget_gate * state[1]) + p.store(input_gate * candidate));
    state[2] = p.store(p.store(forget_gate * state[2]) + input_gate);
    state[3] = stabiliser;
    state[0] = p.store(output * p.store(state[1] / state[2]));
}

}  // namespace

Family slstm_family() {
    return recurrent_family(
        {.name = "slstm",
         .summary = "sLSTM of xLSTM, exponential gates with a stabiliser, a head per block, cluster or grid",
         .gates = {"i", "f", "z", "o"},
         .states = {"h", "c", "n", "m"},
         .cell_type = [](const Workload&) { return "Slstm"; },
         .step = [](const Workload&) { return slstm_step; },
         .special_functions = 8});
}

}  // namespace warpsmith
