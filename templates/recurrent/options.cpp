#include "templates/recurrent/options.hpp"

namespace warpsmith {

std::string pass_of(const Workload& workload) {
    return workload.option_or("pass", "forward");
}

bool is_backward(const Workload& workload) {
    return pass_of(workload) == "backward";
}

bool is_training(const Workload& workload) {
    return pass_of(workload) == "training";
}

bool keeps_states(const Workload& workload) {
    return is_training(workload) || pass_of(workload) == "states";
}

bool is_reverse(const Workload& workload) {
    return workload.option_or("direction", "forward") == "reverse";
}

bool has_lengths(const Workload& workload) {
    return workload.option_or("lengths", "none") == "given";
}

bool is_packed(const Workload& workload) {
    return workload.option_or("lengths", "none") == "packed";
}

bool is_batch_first(const Workload& workload) {
    return workload.option_or("layout", "tb") == "bt";
}

bool has_resets(const Workload& workload) {
    return workload.option_or("resets", "none") == "given";
}

int tf32_terms(const Workload& workload) {
    const std::string precision = workload.option_or("precision", "ieee");
    return precision == "tf32" ? 1 : precision == "tf32x3" ? 3 : 0;
}

Option precision_option() {
    return {.name = "precision",
            .values = {"ieee", "tf32", "tf32x3"},
            .meaning =
                "of dtype=f32, how matrix products are computed: in f32 arithmetic, or on tensor cores, with "
                "factors rounded to TF32 or in three products of their TF32 parts",
            .later = true};
}

Option resets_option() {
    return {.name = "resets",
            .values = {"none", "given"},
            .meaning = "given: at steps whose reset is not 0 a sequence begins anew, from states that are zero",
            .later = true};
}

Option layout_option() {
    return {.name = "layout",
            .values = {"tb", "bt"},
            .meaning = "bt: tensors of all steps have the batch first, [B,T,...]",
            .later = true};
}

std::vector<Option> options_of_all_cells() {
    return {{.name = "pass",
             .values = {"forward", "training", "backward", "states"},
             .meaning = "training is forward and keeps p and the further states, which backward takes in; states keeps "
                        "these alone",
             .later = true},
            {.name = "direction",
             .values = {"forward", "reverse"},
             .meaning = "reverse goes from the last step to the first",
             .later = true},
            {.name = "lengths",
             .values = {"none", "given", "packed"},
             .meaning = "given: from its length on a sequence's states stay as they are; packed: tensors of all steps "
                        "have the rows of one sequence after the other, [S,...]",
             .later = true},
            {.name = "recurrent_gradient",
             .values = {"full", "cut", "1", "3", "5", "10"},
             .meaning = "of the backward pass: what comes through R, all, nothing, or at most so much",
             .later = true},
            layout_option(),
            resets_option()};
}

}  // namespace warpsmith
