#include <algorithm>

#include "templates/random_inputs.hpp"
#include "templates/recurrent/inputs.hpp"
#include "templates/recurrent/options.hpp"
#include "templates/recurrent/reference_steps.hpp"
#include "templates/recurrent_weights/space.hpp"

namespace warpsmith {
namespace {

// Outputs are f32 whatever the dtype: sums over all steps and sequences that go to an optimiser in f32.
std::vector<TensorSpec> tensors(const Workload& w) {
    std::int64_t T = w.dim("T"), B = w.dim("B"), N = w.dim("N"), G = w.dim("G"), D = w.dim("D");
    const bool batch_first = is_batch_first(w);
    const std::string steps = batch_first ? "B,T" : "T,B";
    const std::int64_t outer = batch_first ? B : T, inner = batch_first ? T : B;
    std::vector<TensorSpec> specs = {{"dr", Role::input, w.dtype, steps + ",N,G,D", {outer, inner, N, G, D}},
                                     {"h0", Role::input, w.dtype, "B,N,D", {B, N, D}},
                                     {"h", Role::input, w.dtype, steps + ",N,D", {outer, inner, N, D}}};
    if (has_resets(w)) {
        specs.push_back({"resets", Role::input, DType::i32, steps, {outer, inner}});
    }
    specs.push_back({"dR", Role::output, DType::f32, "N,G,Do,Di", {N, G, D, D}});
    specs.push_back({"dbias", Role::output, DType::f32, "N,G,D", {N, G, D}});
    return specs;
}

Tensors inputs(const Workload& w, std::uint64_t seed) {
    Tensors in;
    for (const TensorSpec& spec : tensors(w)) {
        if (spec.role == Role::input) {
            in.push_back(spec.name == "resets" ? random_resets(spec, seed) : random_tensor(spec, -1.0, 1.0, seed));
        }
    }
    return in;
}

// Adds one row's products: dR[m][i] += factor[m] h[i], where factor is dr as products take it in, and dbias[m] +=
// dr[m].
struct HeadSums {
    double *dR, *dbias;
    std::int64_t M, D;

    void add(const double* dr, const double* factor, const double* h, Precision p) const {
        for (std::int64_t m = 0; m < M; ++m) {
            double* row = dR + m * D;
            for (std::int64_t i = 0; i < D; ++i) {
                row[i] = p.accumulate(row[i] + factor[m] * h[i]);
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

Tensors reference(const Workload& w, const Tensors& in, Precision precision) {
    std::int64_t T = w.dim("T"), B = w.dim("B"), N = w.dim("N"), D = w.dim("D"), M = w.dim("G") * D;
    const recurrent_reference::Factors factors(w, precision);
    const std::vector<double> dr_factors = rounded(factors, find(in, "dr")),
                              h0_factors = rounded(factors, find(in, "h0")),
                              h_factors = rounded(factors, find(in, "h"));
    const double *dr = find(in, "dr").values.data(), *h0 = h0_factors.data(), *h = h_factors.data();
    const bool reverse = is_reverse(w);
    const auto row = [&, batch_first = is_batch_first(w)](std::int64_t t, std::int64_t b) {
        return batch_first ? b * T + t : t * B + b;
    };
    const double* const resets = has_resets(w) ? find(in, "resets").values.data() : nullptr;
    const std::vector<double> zeros(static_cast<std::size_t>(D));
    const std::vector<TensorSpec> specs = tensors(w);
    Tensors out = {{specs.end()[-2], std::vector<double>(static_cast<std::size_t>(N * M * D))},
                   {specs.back(), std::vector<double>(static_cast<std::size_t>(N * M))}};
    for (std::int64_t n = 0; n < N; ++n) {
        const HeadSums sums{&out[0].values[static_cast<std::size_t>(n * M * D)],
                            &out[1].values[static_cast<std::size_t>(n * M)], M, D};
        for (std::int64_t k = 0; k < T * B; ++k) {
            const std::int64_t t = k / B, b = k % B, before = reverse ? t + 1 : t - 1;
            const bool is_first = t == (reverse ? T - 1 : 0), reset = resets != nullptr && resets[row(t, b)] != 0;
            const std::int64_t first = (row(t, b) * N + n) * M;
            sums.add(dr + first, dr_factors.data() + first,
                     reset      ? zeros.data()
                     : is_first ? h0 + (b * N + n) * D
                                : h + (row(before, b) * N + n) * D,
                     precision);
        }
    }
    return out;
}

// As many products of a sum as give every block of the largest cluster one tile of the longest, and a part of one; two
// heads. A head of four million weights has so many tiles that at most four blocks share one.
Workload reduced(Workload w) {
    constexpr std::int64_t kLongestTile = 64, kLargeHead = 1 << 22;
    const bool large = w.dim("G") * w.dim("D") >= kLargeHead / w.dim("D");
    const std::int64_t rows = (large ? 4 : 16) * kLongestTile + 5;
    w.dims["B"] = std::min<std::int64_t>(w.dims["B"], 43);
    w.dims["T"] = std::min<std::int64_t>(w.dims["T"], (rows + w.dims["B"] - 1) / w.dims["B"]);
    w.dims["N"] = std::min<std::int64_t>(w.dims["N"], 2);
    return w;
}

}  // namespace

Family recurrent_weights_family() {
    return {.name = "recurrent_weights",
            .summary = "gradients of recurrent weights and biases, summed over all steps and sequences",
            .dimensions = {{"T", Binding::runtime, "time steps"},
                           {"B", Binding::runtime, "sequences in the batch"},
                           {"N", Binding::runtime, "heads, each with its own recurrent weights"},
                           {"G", Binding::fixed, "gates"},
                           {"D", Binding::fixed, "units per head"}},
            .dtypes = {DType::bf16, DType::f16, DType::f32},
            .options = {{"direction", {"forward", "reverse"}, "of the pass: from the first step to the last, or back"},
                        layout_option(),
                        resets_option(),
                        precision_option()},
            .gates = {},
            .config_struct = "RecurrentWeightsConfig",
            .entry =
                [](const Workload& w) {
                    Entry entry{"recurrent_weights/kernel.cuh",
                                "recurrent_weights",
                                {std::string(cuda_type(w.dtype)), std::to_string(w.dim("G")),
                                 std::to_string(w.dim("D")), is_reverse(w) ? "true" : "false",
                                 is_batch_first(w) ? "true" : "false", std::to_string(tf32_terms(w))}};
                    if (has_resets(w)) {
                        entry.template_arguments.emplace_back("const int*");
                    }
                    return entry;
                },
            .space = recurrent_weights_space,
            .tensors = tensors,
            .parameters =
                [](const Workload& w) {
                    std::vector<Parameter> parameters = {"dr",
                                                         "h0",
                                                         "h",
                                                         "dR",
                                                         "dbias",
                                                         DimensionParameter{"T"},
                                                         DimensionParameter{"B"},
                                                         DimensionParameter{"N"}};
                    if (has_resets(w)) {
                        parameters.emplace_back("resets");
                    }
                    return parameters;
                },
            .inputs = inputs,
            .reference = reference,
            .reduced = reduced,
            .cases = ""};
}

}  // namespace warpsmith
