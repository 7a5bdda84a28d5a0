#include "templates/recurrent/inputs.hpp"

#include <algorithm>
#include <cmath>

#include "templates/random_inputs.hpp"
#include "templates/recurrent/options.hpp"
#include "templates/recurrent/tensors.hpp"

namespace warpsmith {
namespace {

// Inputs of x behind those of the gates lie between 0 and 1, as shares do.
void make_shares(Tensor& x, std::size_t gates, std::size_t units) {
    const std::size_t inputs = static_cast<std::size_t>(x.spec.shape.end()[-2]);
    for (std::size_t i = 0; i < x.values.size(); ++i) {
        if (i / units % inputs >= gates) {
            x.values[i] = round_to(x.spec.dtype, std::abs(x.values[i]));
        }
    }
}

// Sequences of all lengths that there may be: the first one has most steps, the last one of several none.
Tensor random_starts(const TensorSpec& spec, std::int64_t steps, std::uint64_t seed) {
    Tensor starts = random_tensor(spec, 0, static_cast<double>(steps), seed);
    double end = 0;
    for (std::size_t b = 0; b < starts.values.size(); ++b) {
        const double length = b == 0                          ? static_cast<double>(steps)
                              : b + 2 == starts.values.size() ? 0
                                                              : starts.values[b];
        starts.values[b] = end;
        end += length;
    }
    return starts;
}

// Weights that keep R h of order one; a normaliser that starts positive, as sLSTM's n is.
Tensor random_input(const RecurrentCell& cell, const Workload& w, const TensorSpec& spec, std::uint64_t seed) {
    if (spec.name == "lengths") {
        return random_tensor(spec, 0, static_cast<double>(w.dim("T")), seed);
    }
    if (spec.name == "starts") {
        return random_starts(spec, w.dim("T"), seed);
    }
    if (spec.name == "resets") {
        return random_resets(spec, seed);
    }
    const double high = spec.name == "R" ? 1.0 / std::sqrt(static_cast<double>(w.dim("D"))) : 1.0;
    const double low = spec.name == "n0" ? 0.5 : spec.name == "w" ? cell.least_parameter : -high;
    Tensor tensor = random_tensor(spec, low, high, seed);
    if (spec.name == "x") {
        make_shares(tensor, cell.gates.size(), static_cast<std::size_t>(w.dim("D")));
    }
    return tensor;
}

Tensors random_inputs(const RecurrentCell& cell, const Workload& w, std::uint64_t seed) {
    Tensors inputs;
    for (const TensorSpec& spec : recurrent_tensors(cell, w)) {
        if (spec.role == Role::input) {
            inputs.push_back(random_input(cell, w, spec, seed));
        }
    }
    return inputs;
}

const Tensor* find_or_null(const Tensors& tensors, const std::string& name) {
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& tensor) { return tensor.spec.name == name; });
    return found == tensors.end() ? nullptr : &*found;
}

}  // namespace

Tensors recurrent_inputs(const RecurrentCell& cell, const Workload& w, std::uint64_t seed) {
    if (!is_backward(w)) {
        return random_inputs(cell, w, seed);
    }
    Workload training = w;
    training.options["pass"] = "training";
    const Tensors given = random_inputs(cell, training, seed);
    const Tensors kept =
        recurrent_forward_reference(cell, training, recurrent_tensors(cell, training), given, Precision{});
    Tensors inputs = random_inputs(cell, w, seed);
    for (Tensor& input : inputs) {
        const Tensor* const known = find_or_null(given, input.spec.name);
        const Tensor* const result = known != nullptr ? known : find_or_null(kept, input.spec.name);
        for (std::size_t i = 0; result != nullptr && i < input.values.size(); ++i) {
            input.values[i] = round_to(input.spec.dtype, result->values[i]);
        }
    }
    return inputs;
}

// Rounded, three of four are 0.
Tensor random_resets(const TensorSpec& spec, std::uint64_t seed) {
    return random_tensor(spec, -2.0 / 3, 2.0 / 3, seed);
}

}  // namespace warpsmith
