#include <algorithm>
#include <cmath>
#include <limits>

#include "templates/lstm/cell.hpp"

namespace warpsmith {
namespace {

void lstm_step(const CellInput& in, double* state, const Precision& p, double clip) {
    double input = p.store(sigmoid(p.store(in.x[0] + in.product[0])));
    double forget = p.store(sigmoid(p.store(in.x[1] + in.product[1])));
    double candidate = p.store(std::tanh(p.store(in.x[2] + in.product[2])));
    double output = p.store(sigmoid(p.store(in.x[3] + in.product[3])));
    state[1] = p.store(p.store(forget * state[1]) + p.store(input * candidate));
    state[1] = std::clamp(state[1], -clip, clip);
    state[0] = p.store(output * p.store(std::tanh(state[1])));
}

int clip_of(const Workload& w) {
    return w.option_or("cell_clip", "none") == "none" ? 0 : std::stoi(w.option_or("cell_clip", "none"));
}

CellStep step_of(const Workload& w) {
    const double clip = clip_of(w) > 0 ? clip_of(w) : std::numeric_limits<double>::infinity();
    return [clip](const CellInput& in, double* state, const Precision& p) { lstm_step(in, state, p, clip); };
}

}  // namespace

RecurrentCell lstm_cell() {
    return {.name = "lstm",
            .summary = "long short-term memory, a head per block, cluster or grid",
            .gates = {"i", "f", "g", "o"},
            .states = {"h", "c"},
            .options = {{.name = "cell_clip",
                         .values = {"none", "1", "3", "5", "10", "50"},
                         .meaning = "largest absolute value of c",
                         .later = true}},
            .cell_type = [](const Workload& w) { return "Lstm<" + std::to_string(clip_of(w)) + ">"; },
            .step = step_of,
            .special_functions = 5};
}

Family lstm_family() {
    return recurrent_family(lstm_cell());
}

}  // namespace warpsmith
