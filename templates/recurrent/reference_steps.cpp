#include "templates/recurrent/reference_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "solver/error.hpp"
#include "templates/recurrent/options.hpp"

namespace warpsmith::recurrent_reference {
namespace {

// Where packed sequences start, and the last one ends. Throws Error where they cannot.
std::vector<std::size_t> packed_starts(const Workload& w, const Tensors& in) {
    const std::vector<double>& starts = find(in, "starts").values;
    for (std::size_t b = 0; b + 1 < starts.size(); ++b) {
        const double length = starts[b + 1] - starts[b];
        if (starts[0] != 0 || length < 0 || length > static_cast<double>(w.dim("T"))) {
            throw Error(
                fmt::format("reading starts of packed sequences: sequence {} would have rows {} to {}; give B+1 "
                            "numbers that begin with 0 and grow by 0 to T={}",
                            b, starts[b], starts[b + 1], w.dim("T")));
        }
    }
    return {starts.begin(), starts.end()};
}

}  // namespace

Sizes::Sizes(const RecurrentCell& cell, const Workload& w, const Tensors& in)
    : T(static_cast<std::size_t>(w.dim("T"))),
      B(static_cast<std::size_t>(w.dim("B"))),
      N(static_cast<std::size_t>(w.dim("N"))),
      D(static_cast<std::size_t>(w.dim("D"))),
      G(cell.gates.size()),
      X(cell.gates.size() + cell.inputs.size()),
      R(cell.gates.size() + (cell.normalises_between ? 1 : 0)),
      S(cell.states.size()),
      P(cell.parameters.size()),
      K(moment_count(cell)),
      H(static_cast<std::size_t>(size_of_h(cell, w))),
      batch_first(is_batch_first(w)) {
    if (is_packed(w)) {
        starts = packed_starts(w, in);
    }
}

Tensors make_outputs(const std::vector<TensorSpec>& tensors) {
    Tensors out;
    for (const TensorSpec& spec : tensors) {
        if (spec.role == Role::output) {
            const double value =
                spec.layout.starts_with("S,") || spec.name == "uT" ? std::numeric_limits<double>::quiet_NaN() : 0.0;
            out.push_back({spec, std::vector<double>(static_cast<std::size_t>(spec.elements()), value)});
        }
    }
    return out;
}

std::vector<double>& output(Tensors& out, const std::string& name) {
    return std::find_if(out.begin(), out.end(), [&](const Tensor& tensor) { return tensor.spec.name == name; })->values;
}

std::size_t length_of(const Workload& w, const Tensors& in, const Sizes& size, std::size_t row) {
    const std::size_t b = row / size.N;
    return has_lengths(w)         ? static_cast<std::size_t>(find(in, "lengths").values[b])
           : !size.starts.empty() ? size.starts[b + 1] - size.starts[b]
                                  : size.T;
}

bool has_step(const Workload& w, const Tensors& in, const Sizes& size, std::size_t t, std::size_t row) {
    return size.starts.empty() || t < length_of(w, in, size, row);
}

bool begins_anew(const Workload& w, const Tensors& in, const Sizes& size, std::size_t t, std::size_t row) {
    const std::size_t b = row / size.N;
    return has_resets(w) && t < length_of(w, in, size, row) &&
           find(in, "resets").values[size.batch_first ? b * size.T + t : t * size.B + b] != 0;
}

std::size_t step_at(const Workload& w, const Sizes& size, std::size_t i) {
    return is_reverse(w) ? size.T - 1 - i : i;
}

std::vector<double> unit_parameters(const Tensors& in, const Sizes& size, std::size_t n, std::size_t d) {
    std::vector<double> w(size.P);
    for (std::size_t p = 0; p < size.P; ++p) {
        w[p] = find(in, "w").values[(n * size.P + p) * size.D + d];
    }
    return w;
}

// TF32 has 11 bits; two parts together 22, of which the product of both smaller parts, left out, costs one.
Factors::Factors(const Workload& w, const Precision& precision) {
    if (!precision.exact && tf32_terms(w) > 0) {
        bits_ = tf32_terms(w) == 1 ? 11 : 21;
    }
}

double Factors::rounded(double factor) const {
    if (bits_ == 0 || factor == 0 || !std::isfinite(factor)) {
        return factor;
    }
    const int unit = std::ilogb(factor) - (bits_ - 1);
    return std::ldexp(std::round(std::ldexp(factor, -unit)), unit);
}

Moments moments_of(std::span<const double> values, const Precision& precision) {
    double sum = 0, squares = 0;
    for (double value : values) {
        sum = precision.accumulate(sum + value);
    }
    const double count = static_cast<double>(values.size()), mean = precision.accumulate(sum / count);
    for (double value : values) {
        const double difference = precision.accumulate(value - mean);
        squares = precision.accumulate(squares + difference * difference);
    }
    return {mean, precision.accumulate(1 / std::sqrt(squares / count + kVarianceOffset))};
}

}  // namespace warpsmith::recurrent_reference
