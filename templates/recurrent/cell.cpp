#include "templates/recurrent/cell.hpp"

#include <algorithm>
#include <cmath>

#include "templates/random_inputs.hpp"
#include "templates/recurrent/space.hpp"

namespace warpsmith {
namespace {

std::vector<TensorSpec> recurrent_tensors(const RecurrentCell& cell, const Workload& w) {
    std::int64_t T = w.dim("T"), B = w.dim("B"), N = w.dim("N"), D = w.dim("D");
    auto G = static_cast<std::int64_t>(cell.gates.size());
    std::vector<TensorSpec> specs = {
        {"x", Role::input, w.dtype, "T,B,N,G,D", {T, B, N, G, D}},
        {"R", Role::input, w.dtype, "N,G,Do,Di", {N, G, D, D}},
        {"bias", Role::input, w.dtype, "N,G,D", {N, G, D}},
    };
    // h is a tensor like the others; further states stay in f32 whatever the dtype.
    auto state_dtype = [&](const std::string& state) { return state == "h" ? w.dtype : DType::f32; };
    for (const std::string& state : cell.states) {
        specs.push_back({state + "0", Role::input, state_dtype(state), "B,N,D", {B, N, D}});
    }
    specs.push_back({"h", Role::output, w.dtype, "T,B,N,D", {T, B, N, D}});
    for (const std::string& state : cell.states) {
        specs.push_back({state + "T", Role::output, state_dtype(state), "B,N,D", {B, N, D}});
    }
    return specs;
}

std::vector<Parameter> recurrent_parameters(const RecurrentCell& cell) {
    std::vector<Parameter> parameters = {
        "x", "R", "bias", "h0", "h", "hT", DimensionParameter{"T"}, DimensionParameter{"B"}, DimensionParameter{"N"}};
    for (std::size_t s = 1; s < cell.states.size(); ++s) {
        parameters.emplace_back(cell.states[s] + "0");
        parameters.emplace_back(cell.states[s] + "T");
    }
    return parameters;
}

Entry recurrent_entry(const RecurrentCell& cell, const Workload& w) {
    Entry entry{cell.name + "/kernel.cuh", "recurrent_forward", {cell.cell_type(w), std::string(cuda_type(w.dtype))}};
    entry.template_arguments.push_back(std::to_string(w.dim("D")));
    entry.template_arguments.insert(entry.template_arguments.end(), 2 * (cell.states.size() - 1), "float*");
    return entry;
}

// Weights that keep R h of order one; a normaliser that starts positive, as every state of sLSTM's n is.
Tensors recurrent_inputs(const RecurrentCell& cell, const Workload& w, std::uint64_t seed) {
    double weight = 1.0 / std::sqrt(static_cast<double>(w.dim("D")));
    Tensors inputs;
    for (const TensorSpec& spec : recurrent_tensors(cell, w)) {
        if (spec.role == Role::input) {
            double high = spec.name == "R" ? weight : 1.0;
            double low = spec.name == "n0" ? 0.5 : -high;
            inputs.push_back(random_tensor(spec, low, high, seed));
        }
    }
    return inputs;
}

// The sequences of one head: states of all its units, advanced step by step.
class HeadReference {
  public:
    HeadReference(const RecurrentCell& cell, const Workload& w, const Tensors& in, Precision precision)
        : step_(cell.step(w)),
          precision_(precision),
          R_(find(in, "R").values),
          bias_(find(in, "bias").values),
          x_(find(in, "x").values),
          B_(w.dim("B")),
          N_(w.dim("N")),
          D_(w.dim("D")),
          G_(static_cast<std::int64_t>(cell.gates.size())),
          S_(static_cast<std::int64_t>(cell.states.size())) {}

    // states: [unit][S] of sequence b and head n, advanced to step t.
    void advance(std::vector<double>& states, std::int64_t t, std::int64_t b, std::int64_t n) const {
        std::vector<double> h(static_cast<std::size_t>(D_));
        for (std::int64_t d = 0; d < D_; ++d) {
            h[static_cast<std::size_t>(d)] = states[static_cast<std::size_t>(d * S_)];
        }
        std::vector<double> x(static_cast<std::size_t>(G_)), product(static_cast<std::size_t>(G_));
        for (std::int64_t d = 0; d < D_; ++d) {
            for (std::int64_t g = 0; g < G_; ++g) {
                x[static_cast<std::size_t>(g)] =
                    x_[static_cast<std::size_t>((((t * B_ + b) * N_ + n) * G_ + g) * D_ + d)];
                product[static_cast<std::size_t>(g)] = dot(n * G_ + g, d, h);
            }
            step_(x.data(), product.data(), &states[static_cast<std::size_t>(d * S_)], precision_);
        }
    }

  private:
    double dot(std::int64_t gate, std::int64_t unit, const std::vector<double>& h) const {
        const double* row = &R_[static_cast<std::size_t>((gate * D_ + unit) * D_)];
        double sum = 0;
        for (std::size_t k = 0; k < h.size(); ++k) {
            sum = precision_.accumulate(sum + row[k] * h[k]);
        }
        double product = precision_.store(sum);
        return precision_.store(product + bias_[static_cast<std::size_t>(gate * D_ + unit)]);
    }

    CellStep step_;
    Precision precision_;
    const std::vector<double>&R_, &bias_, &x_;
    std::int64_t B_, N_, D_, G_, S_;
};

Tensors recurrent_reference(const RecurrentCell& cell, const Workload& w, const Tensors& in, Precision precision) {
    std::int64_t T = w.dim("T"), B = w.dim("B"), N = w.dim("N"), D = w.dim("D");
    std::size_t S = cell.states.size();
    Tensors out;
    for (const TensorSpec& spec : recurrent_tensors(cell, w)) {
        if (spec.role == Role::output) {
            out.push_back({spec, std::vector<double>(static_cast<std::size_t>(spec.elements()))});
        }
    }
    HeadReference head(cell, w, in, precision);
    std::vector<double> states(static_cast<std::size_t>(D) * S);
    for (std::int64_t row = 0; row < B * N; ++row) {  // of [B,N,D]
        for (std::size_t i = 0; i < states.size(); ++i) {
            const std::vector<double>& first = find(in, cell.states[i % S] + "0").values;
            states[i] = first[static_cast<std::size_t>(row * D) + i / S];
        }
        for (std::int64_t t = 0; t < T; ++t) {
            head.advance(states, t, row / N, row % N);
            for (std::int64_t d = 0; d < D; ++d) {
                out[0].values[static_cast<std::size_t>((t * B * N + row) * D + d)] =
                    states[static_cast<std::size_t>(d) * S];
            }
        }
        for (std::size_t i = 0; i < states.size(); ++i) {
            out[1 + i % S].values[static_cast<std::size_t>(row * D) + i / S] = states[i];
        }
    }
    return out;
}

// Enough steps to pass through every buffer several times, one more sequence than the widest tile, two heads.
Workload recurrent_reduced(Workload w) {
    w.dims["T"] = std::min<std::int64_t>(w.dims["T"], 7);
    w.dims["B"] = std::min<std::int64_t>(w.dims["B"], 65);
    w.dims["N"] = std::min<std::int64_t>(w.dims["N"], 2);
    return w;
}

}  // namespace

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

Family recurrent_family(const RecurrentCell& cell) {
    auto shape = [cell](const Workload& w) {
        return RecurrentShape{.gates = static_cast<std::int64_t>(cell.gates.size()),
                              .states = static_cast<std::int64_t>(cell.states.size()),
                              .special_functions = cell.special_functions,
                              .workload = w};
    };
    return {.name = cell.name,
            .summary = cell.summary,
            .dimensions = {{"T", Binding::runtime, "time steps"},
                           {"B", Binding::runtime, "sequences in the batch"},
                           {"N", Binding::runtime, "heads, each with its own recurrent weights"},
                           {"D", Binding::fixed, "units per head"}},
            .dtypes = {DType::bf16, DType::f16, DType::f32},
            .options = cell.options,
            .gates = cell.gates,
            .config_struct = "RecurrentConfig",
            .entry = [cell](const Workload& w) { return recurrent_entry(cell, w); },
            .space = [shape](const Workload& w, const Target& target) { return recurrent_space(shape(w), target); },
            .tensors = [cell](const Workload& w) { return recurrent_tensors(cell, w); },
            .parameters = [cell](const Workload&) { return recurrent_parameters(cell); },
            .inputs = [cell](const Workload& w, std::uint64_t seed) { return recurrent_inputs(cell, w, seed); },
            .reference = [cell](const Workload& w, const Tensors& in,
                                Precision precision) { return recurrent_reference(cell, w, in, precision); },
            .reduced = recurrent_reduced,
            .cases = ""};
}

}  // namespace warpsmith
