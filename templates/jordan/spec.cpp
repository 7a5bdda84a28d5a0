#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

void jordan_step(const CellInput& in, double* state, const Precision& p) {
    const double hidden = p.store(std::tanh(p.store(in.x[0] + in.product[0])));
    state[0] = p.store(sigmoid(p.store(p.store(in.w[0] * hidden) + in.w[1])));
}

}  // namespace

Family jordan_family() {
    return recurrent_family({.name = "jordan",
                             .summary = "recurrence over outputs, a head per block, cluster or grid",
                             .gates = {"h"},
                             .states = {"h"},
                             .parameters = {"gain", "offset"},
                             .cell_type = [](const Workload&) { return "Jordan"; },
                             .step = [](const Workload&) { return jordan_step; },
                             .special_functions = 2});
}

}  // namespace warpsmith
