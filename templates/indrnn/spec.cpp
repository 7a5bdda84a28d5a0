#include <algorithm>
#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

double input(const CellInput& in, const double* state, const Precision& p) {
    return p.store(p.store(in.x[0] + in.product[0]) + p.store(in.w[0] * state[0]));
}

void tanh_step(const CellInput& in, double* state, const Precision& p) {
    state[0] = p.store(std::tanh(input(in, state, p)));
}

void relu_step(const CellInput& in, double* state, const Precision& p) {
    state[0] = std::max(input(in, state, p), 0.0);
}

}  // namespace

Family indrnn_family() {
    return recurrent_family(
        {.name = "indrnn",
         .summary = "independently recurrent network: each unit sees its own past, a thread per unit",
         .gates = {"h"},
         .states = {"h"},
         .parameters = {"u"},
         .product = false,
         .options = {{"activation", {"relu", "tanh"}, "phi in h = phi(x + w h + bias)"}},
         .cell_type =
             [](const Workload& w) {
                 return w.option("activation") == "relu" ? "IndRnn<ReluActivation>" : "IndRnn<TanhActivation>";
             },
         .step = [](const Workload& w) { return w.option("activation") == "relu" ? relu_step : tanh_step; },
         .special_functions = 1});
}

}  // namespace warpsmith
