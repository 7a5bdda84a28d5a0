#include "templates/recurrent/options.hpp"
#include "templates/recurrent_weights/gradients.hpp"

namespace warpsmith {
namespace {

WeightProduct product(const Workload& w) {
    const std::int64_t G = w.dim("G"), D = w.dim("D");
    return {.rows_layout = "G,D",
            .rows = {G, D},
            .columns = D,
            .v = "h",
            .same_step = false,
            .weights = "dR",
            .weights_layout = "G,Do,Di"};
}

Entry entry(const Workload& w) {
    Entry entry{
        "recurrent_weights/kernel.cuh",
        "recurrent_weights",
        {std::string(cuda_type(w.dtype)), std::to_string(w.dim("G")), std::to_string(w.dim("D")),
         is_reverse(w) ? "true" : "false", is_batch_first(w) ? "true" : "false", std::to_string(tf32_terms(w))}};
    if (has_resets(w)) {
        entry.template_arguments.emplace_back("const int*");
    }
    return entry;
}

std::vector<Parameter> parameters(const Workload& w) {
    return weight_parameters(w, {"dr", "h0", "h", "dR", "dbias"}, {});
}

}  // namespace

Family recurrent_weights_family() {
    return weight_family(
        {.name = "recurrent_weights",
         .summary = "gradients of recurrent weights and biases, summed over all steps and sequences",
         .dimensions = {{"G", Binding::fixed, "gates"}, {"D", Binding::fixed, "units per head"}},
         .options = {{"direction", {"forward", "reverse"}, "of the pass: from the first step to the last, or back"},
                     layout_option(),
                     resets_option(),
                     precision_option()},
         .product = product,
         .entry = entry,
         .parameters = parameters});
}

}  // namespace warpsmith
