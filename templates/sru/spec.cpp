#include "templates/recurrent/cell.hpp"

namespace warpsmith {
namespace {

void sru_step(const CellInput& in, double* state, const Precision& p) {
    auto gate = [&](int g) {
        const double sum = p.store(in.x[g] + in.product[g]);
        return p.store(sigmoid(p.store(sum + p.store(in.w[g] * state[1]))));
    };
    auto mixed = [&](double share, double a, double b) {
        return p.store(p.store(share * a) + p.store(p.store(1 - share) * b));
    };
    const double forget = gate(0), reset = gate(1);
    state[1] = mixed(forget, state[1], in.x[2]);
    state[0] = mixed(reset, state[1], in.x[3]);
}

}  // namespace

Family sru_family() {
    return recurrent_family({.name = "sru",
                             .summary = "simple recurrent unit with a highway, a thread per unit",
                             .gates = {"f", "r"},
                             .states = {"h", "c"},
                             .parameters = {"f", "r"},
                             .inputs = {"candidate", "highway"},
                             .product = false,
                             .cell_type = [](const Workload&) { return "Sru"; },
                             .step = [](const Workload&) { return sru_step; },
                             .special_functions = 2});
}

}  // namespace warpsmith
