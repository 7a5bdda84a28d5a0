#include <algorithm>
#include <cmath>

#include "solver/error.hpp"
#include "templates/attention/space.hpp"
#include "templates/random_inputs.hpp"

namespace warpsmith {
namespace {

// A workload whose heads cannot be grouped is refused where it is first looked at.
std::int64_t group_size(const Workload& w) {
    std::int64_t Hq = w.dim("Hq"), Hkv = w.dim("Hkv");
    if (Hq % Hkv != 0) {
        throw Error("attention \"" + w.key() + "\": Hq=" + std::to_string(Hq) + " query heads cannot share Hkv=" +
                    std::to_string(Hkv) + " key-value heads evenly; give an Hq that is a multiple of Hkv");
    }
    return Hq / Hkv;
}

std::vector<TensorSpec> tensors(const Workload& w) {
    std::int64_t B = w.dim("B"), L = w.dim("L"), Hq = w.dim("Hq"), Hkv = w.dim("Hkv"), D = w.dim("D");
    return {{"q", Role::input, w.dtype, "B,L,H,D", {B, L, Hq, D}},
            {"k", Role::input, w.dtype, "B,L,H,D", {B, L, Hkv, D}},
            {"v", Role::input, w.dtype, "B,L,H,D", {B, L, Hkv, D}},
            {"o", Role::output, w.dtype, "B,L,H,D", {B, L, Hq, D}},
            {"lse", Role::output, DType::f32, "B,H,L", {B, Hq, L}}};
}

double scale(const Workload& w) {
    return 1 / std::sqrt(static_cast<double>(w.dim("D")));
}

Tensors inputs(const Workload& w, std::uint64_t seed) {
    group_size(w);
    Tensors in;
    for (const TensorSpec& spec : tensors(w)) {
        if (spec.role == Role::input) {
            in.push_back(random_tensor(spec, -1.7320508, 1.7320508, seed));  // variance one
        }
    }
    return in;
}

// One query against the keys it sees; o is written, the log of the denominator returned.
double attend(const double* q, const double* k, const double* v, std::int64_t keys, std::int64_t stride, std::int64_t D,
              double scale, Precision p, double* o) {
    std::vector<double> scores(static_cast<std::size_t>(keys));
    double maximum = -HUGE_VAL;
    for (std::int64_t j = 0; j < keys; ++j) {
        double sum = 0;
        for (std::int64_t d = 0; d < D; ++d) {
            sum = p.accumulate(sum + q[d] * k[j * stride + d]);
        }
        double score = p.store(p.store(sum) * scale);
        scores[static_cast<std::size_t>(j)] = score;
        maximum = std::max(maximum, score);
    }
    double sum = 0;
    for (double& score : scores) {
        score = p.accumulate(std::exp(score - maximum));
        sum = p.accumulate(sum + score);
    }
    for (std::int64_t d = 0; d < D; ++d) {
        double total = 0;
        for (std::int64_t j = 0; j < keys; ++j) {
            total = p.accumulate(total + p.store(scores[static_cast<std::size_t>(j)] / sum) * v[j * stride + d]);
        }
        o[d] = p.store(total);
    }
    return p.accumulate(maximum + std::log(sum));
}

Tensors reference(const Workload& w, const Tensors& in, Precision precision) {
    std::int64_t B = w.dim("B"), L = w.dim("L"), Hq = w.dim("Hq"), Hkv = w.dim("Hkv"), D = w.dim("D");
    const double *q = find(in, "q").values.data(), *k = find(in, "k").values.data(), *v = find(in, "v").values.data();
    bool causal = w.option("mask") == "causal";
    Tensors out = {{tensors(w)[3], std::vector<double>(static_cast<std::size_t>(B * L * Hq * D))},
                   {tensors(w)[4], std::vector<double>(static_cast<std::size_t>(B * Hq * L))}};
    for (std::int64_t row = 0; row < B * L * Hq; ++row) {
        std::int64_t head = row % Hq, query = row / Hq % L, sequence = row / Hq / L;
        std::int64_t offset = (sequence * L * Hkv + head / group_size(w)) * D;
        double lse = attend(q + row * D, k + offset, v + offset, causal ? query + 1 : L, Hkv * D, D, scale(w),
                            precision, &out[0].values[static_cast<std::size_t>(row * D)]);
        out[1].values[static_cast<std::size_t>((sequence * Hq + head) * L + query)] = lse;
    }
    return out;
}

// Two blocks of queries and several tiles of keys for every configuration, with a part of one at the end.
Workload reduced(Workload w) {
    std::int64_t group = group_size(w);
    w.dims["L"] = std::min<std::int64_t>(w.dims["L"], 293);
    w.dims["B"] = 1;
    w.dims["Hkv"] = std::min<std::int64_t>(w.dims["Hkv"], 2);
    w.dims["Hq"] = group * w.dims["Hkv"];
    return w;
}

}  // namespace

Family attention_family() {
    return {.name = "attention",
            .summary = "softmax attention with an online softmax, grouped query heads, forward",
            .dimensions = {{"L", Binding::runtime, "length of queries and keys"},
                           {"B", Binding::runtime, "sequences in the batch"},
                           {"Hq", Binding::runtime, "query heads"},
                           {"Hkv", Binding::runtime, "key-value heads, a divisor of Hq"},
                           {"D", Binding::fixed, "head size"}},
            .dtypes = {DType::bf16, DType::f16, DType::f32},
            .options = {{"mask", {"full", "causal"}, "which keys a query sees: all, or those not after it"}},
            .gates = {},
            .config_struct = "AttentionConfig",
            .entry =
                [](const Workload& w) {
                    bool causal = w.option("mask") == "causal";
                    return Entry{
                        "attention/kernel.cuh",
                        "attention_forward",
                        {std::string(cuda_type(w.dtype)), std::to_string(w.dim("D")), causal ? "true" : "false"}};
                },
            .space =
                [](const Workload& w, const Target& target) {
                    group_size(w);
                    return attention_space(w, target);
                },
            .tensors = tensors,
            .parameters =
                [](const Workload& w) {
                    return std::vector<Parameter>{"q",
                                                  "k",
                                                  "v",
                                                  "o",
                                                  "lse",
                                                  DimensionParameter{"L"},
                                                  DimensionParameter{"Hq"},
                                                  DimensionParameter{"Hkv"},
                                                  NumberParameter{"scale", static_cast<float>(scale(w))}};
                },
            .inputs = inputs,
            .reference = reference,
            .reduced = reduced,
            .cases = ""};
}

}  // namespace warpsmith
