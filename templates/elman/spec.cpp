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

void identity_step(const CellInput& in, double* state, const Precision& p) {
    state[0] = p.store(in.x[0] + in.product[0]);
}

struct Activation {
    std::string type;  // in activation.cuh
    CellStep step;
};

Activation activation_of(const Workload& w) {
    const std::string& name = w.option("activation");
    return name == "tanh"   ? Activation{"TanhActivation", tanh_step}
           : name == "relu" ? Activation{"ReluActivation", relu_step}
                            : Activation{"IdentityActivation", identity_step};
}

}  // namespace

Family elman_family() {
    return recurrent_family(
        {.name = "elman",
         .summary = "simple recurrent network, a head per block, cluster or grid",
         .gates = {"h"},
         .states = {"h"},
         .options = {{"activation", {"tanh", "relu", "identity"}, "phi in h = phi(x + R h + bias)"}},
         .cell_type = [](const Workload& w) { return "Elman<" + activation_of(w).type + ">"; },
         .step = [](const Workload& w) { return activation_of(w).step; },
         .special_functions = 1});
}

}  // namespace warpsmith
