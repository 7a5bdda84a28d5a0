#include "templates/recurrent_weights/gradients.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "templates/random_inputs.hpp"
#include "templates/recurrent/inputs.hpp"
#include "templates/recurrent/options.hpp"
#include "templates/recurrent/reference_steps.hpp"
#include "templates/recurrent_weights/space.hpp"

namespace warpsmith {
namespace {

using Shape = std::vector<std::int64_t>;

Shape joined(Shape first, const Shape& rest) {
    first.insert(first.end(), rest.begin(), rest.end());
    return first;
}

// Outputs are f32 whatever the dtype: sums over all steps and sequences that go to an optimiser in f32.
std::vector<TensorSpec> tensors(const WeightProduct& product, const Workload& w) {
    const std::int64_t T = w.dim("T"), B = w.dim("B"), N = w.dim("N"), D = product.columns;
    const std::string steps = is_batch_first(w) ? "B,T" : "T,B";
    const Shape all_steps = is_batch_first(w) ? Shape{B, T} : Shape{T, B};
    std::vector<TensorSpec> specs = {{"dr", Role::input, w.dtype, steps + ",N," + product.rows_layout,
                                      joined(joined(all_steps, {N}), product.rows)}};
    if (!product.same_step) {
        specs.push_back({product.v + "0", Role::input, w.dtype, "B,N,D", {B, N, D}});
    }
    specs.push_back({product.v, Role::input, w.dtype, steps + ",N,D", joined(all_steps, {N, D})});
    if (has_resets(w)) {
        specs.push_back({"resets", Role::input, DType::i32, steps, all_steps});
    }
    specs.push_back({product.weights, Role::output, DType::f32, "N," + product.weights_layout,
                     joined(joined({N}, product.rows), {D})});
    specs.push_back({"dbias", Role::output, DType::f32, "N," + product.rows_layout, joined({N}, product.rows)});
    return specs;
}

Tensors inputs(const WeightProduct& product, const Workload& w, std::uint64_t seed) {
    Tensors in;
    for (const TensorSpec& spec : tensors(product, w)) {
        if (spec.role == Role::input) {
            in.push_back(spec.name == "resets" ? random_resets(spec, seed) : random_tensor(spec, -1.0, 1.0, seed));
        }
    }
    return in;
}

// Adds one row's products: dW[m][i] += factor[m] v[i], where factor is dr as products take it in, and dbias[m] +=
// dr[m].
struct HeadSums {
    double *dW, *dbias;
    std::int64_t M, D;

    void add(const double* dr, const double* factor, const double* v, Precision p) const {
        for (std::int64_t m = 0; m < M; ++m) {
            double* row = dW + m * D;
            for (std::int64_t i = 0; i < D; ++i) {
                row[i] = p.accumulate(row[i] + factor[m] * v[i]);
            }
            dbias[m] = p.accumulate(dbias[m] + dr[m]);
        }
    }
};

std::vector<double> rounded(const recurrent_reference::Factors& factors, const Tensor& tensor) {
    std::vector<double> values = tensor.values;
    for (double& value : values) {
        value = factors.rounded(value);
    }
    return values;
}

Tensors reference(const WeightProduct& product, const Workload& w, const Tensors& in, Precision precision) {
    const std::int64_t T = w.dim("T"), B = w.dim("B"), N = w.dim("N"), D = product.columns, M = product.M();
    const recurrent_reference::Factors factors(w, precision);
    const std::vector<double> dr_factors = rounded(factors, find(in, "dr")),
                              v_factors = rounded(factors, find(in, product.v)),
                              v0_factors = product.same_step ? std::vector<double>()
                                                             : rounded(factors, find(in, product.v + "0"));
    const double *dr = find(in, "dr").values.data(), *v = v_factors.data();
    const bool reverse = is_reverse(w);
    const auto row = [&, batch_first = is_batch_first(w)](std::int64_t t, std::int64_t b) {
        return batch_first ? b * T + t : t * B + b;
    };
    const double* const resets = has_resets(w) ? find(in, "resets").values.data() : nullptr;
    const std::vector<double> zeros(static_cast<std::size_t>(D));
    const std::vector<TensorSpec> specs = tensors(product, w);
    Tensors out = {{specs.end()[-2], std::vector<double>(static_cast<std::size_t>(N * M * D))},
                   {specs.back(), std::vector<double>(static_cast<std::size_t>(N * M))}};
    const auto taken = [&](std::int64_t t, std::int64_t b, std::int64_t n) {
        if (product.same_step) {
            return v + (row(t, b) * N + n) * D;
        }
        const bool is_first = t == (reverse ? T - 1 : 0), reset = resets != nullptr && resets[row(t, b)] != 0;
        return reset      ? zeros.data()
               : is_first ? v0_factors.data() + (b * N + n) * D
                          : v + (row(reverse ? t + 1 : t - 1, b) * N + n) * D;
    };
    for (std::int64_t n = 0; n < N; ++n) {
        const HeadSums sums{&out[0].values[static_cast<std::size_t>(n * M * D)],
                            &out[1].values[static_cast<std::size_t>(n * M)], M, D};
        for (std::int64_t k = 0; k < T * B; ++k) {
            const std::int64_t first = (row(k / B, k % B) * N + n) * M;
            sums.add(dr + first, dr_factors.data() + first, taken(k / B, k % B, n), precision);
        }
    }
    return out;
}

// As many products of a sum as give every block of the largest cluster one tile of the longest, and a part of one; two
// heads. A head of four million weights has so many tiles that at most four blocks share one.
Workload reduced(const WeightProduct& product, Workload w) {
    constexpr std::int64_t kLongestTile = 64, kLargeHead = 1 << 22;
    const bool large = product.M() >= kLargeHead / product.columns;
    const std::int64_t rows = (large ? 4 : 16) * kLongestTile + 5;
    w.dims["B"] = std::min<std::int64_t>(w.dims["B"], 43);
    w.dims["T"] = std::min<std::int64_t>(w.dims["T"], (rows + w.dims["B"] - 1) / w.dims["B"]);
    w.dims["N"] = std::min<std::int64_t>(w.dims["N"], 2);
    return w;
}

}  // namespace

std::int64_t WeightProduct::M() const {
    return std::accumulate(rows.begin(), rows.end(), std::int64_t{1}, std::multiplies<>());
}

std::vector<Parameter> weight_parameters(const Workload& w, std::vector<Parameter> tensors,
                                         const std::vector<Parameter>& more) {
    for (const char* dimension : {"T", "B", "N"}) {
        tensors.emplace_back(DimensionParameter{dimension});
    }
    tensors.insert(tensors.end(), more.begin(), more.end());
    if (has_resets(w)) {
        tensors.emplace_back("resets");
    }
    return tensors;
}

Family weight_family(const WeightFamily& family) {
    std::vector<Dimension> dimensions = {{"T", Binding::runtime, "time steps"},
                                         {"B", Binding::runtime, "sequences in the batch"},
                                         {"N", Binding::runtime, "heads, each with its own weights"}};
    dimensions.insert(dimensions.end(), family.dimensions.begin(), family.dimensions.end());
    const ProductOfWorkload product = family.product;
    return {.name = family.name,
            .summary = family.summary,
            .dimensions = dimensions,
            .dtypes = {DType::bf16, DType::f16, DType::f32},
            .options = family.options,
            .gates = {},
            .config_struct = "RecurrentWeightsConfig",
            .entry = family.entry,
            .space = [product](const Workload& w,
                               const Target& target) { return recurrent_weights_space(product(w), w, target); },
            .tensors = [product](const Workload& w) { return tensors(product(w), w); },
            .parameters = family.parameters,
            .inputs = [product](const Workload& w, std::uint64_t seed) { return inputs(product(w), w, seed); },
            .reference = [product](const Workload& w, const Tensors& in,
                                   Precision precision) { return reference(product(w), w, in, precision); },
            .reduced = [product](const Workload& w) { return reduced(product(w), w); },
            .cases = ""};
}

}  // namespace warpsmith
