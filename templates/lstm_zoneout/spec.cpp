#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

void lstm_zoneout_step(const CellInput& in, double* state, const Precision& p) {
    auto sum = [&](int g) { return p.store(in.x[g] + in.product[g]); };
    auto mixed = [&](double share, double fresh, double old) {
        return p.store(p.store(share * fresh) + p.store(p.store(1 - share) * old));
    };
    const double input = p.store(sigmoid(sum(0))), forget = p.store(sigmoid(sum(1)));
    const double candidate = p.store(std::tanh(sum(2))), output = p.store(sigmoid(sum(3)));
    const double c = p.store(p.store(forget * state[1]) + p.store(input * candidate));
    state[0] = mixed(in.x[5], p.store(output * p.store(std::tanh(c))), state[0]);
    state[1] = mixed(in.x[4], c, state[1]);
}

}  // namespace

Family lstm_zoneout_family() {
    return recurrent_family({.name = "lstm_zoneout",
                             .summary = "LSTM with zoneout, a head per block, cluster or grid",
                             .gates = {"i", "f", "g", "o"},
                             .states = {"h", "c"},
                             .inputs = {"new_c", "new_h"},
                             .cell_type = [](const Workload&) { return "LstmZoneout"; },
                             .step = [](const Workload&) { return lstm_zoneout_step; },
                             .special_functions = 5});
}

}  // namespace warpsmith
