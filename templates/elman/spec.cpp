#include <algorithm>
#include <cmath>

#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

void tanh_step(const CellInput& in, double* state, const Precision& p) {
    state[0] = p.store(std::tanh(p.store(in.x[0] + in.product[0])));
}

void relu_step(const CellInput& in, double* state, const Precision& p) {
    state[0] = std::max(p.store(in.x[0] + in.product[0]), 0.0);
}

}  // namespace

Family elman_family() {
    return recurrent_family(
        {.name = "elman",
         .summary = "simple recurrent network, a head per block or cluster",
         .gates = {"h"},
         .states = {"h"},
         .parameters = {},
         .options = {{"activation", {"tanh", "relu"}, "phi in h = phi(x + R h + bias)"}},
         .cell_type =
             [](const Workload& w) {
                 return w.option("activation") == "relu" ? "Elman<ReluActivation>" : "Elman<TanhActivation>";
             },
         .step = [](const Workload& w) { return w.option("activation") == "relu" ? relu_step : tanh_step; },
         .special_functions = 1});
}

}  // namespace warpsmith
