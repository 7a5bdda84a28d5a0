#include "templates/recurrent/options.hpp"
#include "templates/recurrent_weights/gradients.hpp"

namespace warpsmith {
namespace {

bool is_of_same_step(const Workload& w) {
    return w.option_or("taken", "before") == "same";
}

WeightProduct product(const Workload& w) {
    return {.rows_layout = "M",
            .rows = {w.dim("M")},
            .columns = w.dim("D"),
            .v = "v",
            .same_step = is_of_same_step(w),
            .weights = "dW",
            .weights_layout = "M,D"};
}

Entry entry(const Workload& w) {
    Entry entry{
        "product_weights/kernel.cuh",
        "product_weights",
        {std::string(cuda_type(w.dtype)), std::to_string(w.dim("M")), std::to_string(w.dim("D")),
         is_of_same_step(w) ? "true" : "false", is_reverse(w) ? "true" : "false", is_batch_first(w) ? "true" : "false",
         has_resets(w) ? "true" : "false", std::to_string(tf32_terms(w))}};
    for (int i = 0; i < (is_of_same_step(w) ? 0 : 1) + (has_resets(w) ? 1 : 0); ++i) {
        entry.template_arguments.emplace_back("void*");
    }
    return entry;
}

std::vector<Parameter> parameters(const Workload& w) {
    return weight_parameters(w, {"dr", "v", "dW", "dbias"},
                             is_of_same_step(w) ? std::vector<Parameter>() : std::vector<Parameter>{"v0"});
}

}  // namespace

Family product_weights_family() {
    return weight_family(
        {.name = "product_weights",
         .summary = "gradients of the weights and bias of any product of every step, such as those of a projected h",
         .dimensions = {{"M", Binding::fixed, "values that the product makes per head"},
                        {"D", Binding::fixed, "values that it takes in per head"}},
         .options = {{"taken",
                      {"before", "same"},
                      "whether v is of the step before, as what R takes in, or of the same"},
                     {"direction", {"forward", "reverse"}, "of the pass: from the first step to the last, or back"},
                     layout_option(),
                     resets_option(),
                     precision_option()},
         .product = product,
         .entry = entry,
         .parameters = parameters});
}

}  // namespace warpsmith
