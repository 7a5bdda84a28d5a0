#include "templates/recurrent/cell.hpp"

#include <algorithm>
#include <cmath>

#include "templates/recurrent/inputs.hpp"
#include "templates/recurrent/options.hpp"
#include "templates/recurrent/space.hpp"
#include "templates/recurrent/tensors.hpp"

namespace warpsmith {
namespace {

// The fields of RecurrentMode of config.cuh.
std::vector<std::string> mode_of(const Workload& w) {
    const std::string gradient = w.option_or("recurrent_gradient", "full");
    return {is_reverse(w) ? "1" : "0",
            is_packed(w)     ? "2"
            : has_lengths(w) ? "1"
                             : "0",
            gradient == "full"  ? "0"
            : gradient == "cut" ? "-1"
                                : gradient,
            is_batch_first(w) ? "1" : "0",
            has_resets(w) ? "1" : "0",
            std::to_string(tf32_terms(w))};
}

Entry recurrent_entry(const RecurrentCell& cell, const Workload& w) {
    Entry entry{cell.name + "/kernel.cuh",
                (cell.projects ? "projected_" : "recurrent_") + pass_of(w),
                {cell.cell_type(w), std::string(cuda_type(w.dtype)), std::to_string(w.dim("D"))}};
    if (cell.projects) {
        entry.template_arguments.push_back(std::to_string(w.dim("H")));
    }
    const std::vector<std::string> mode = mode_of(w);
    entry.template_arguments.insert(entry.template_arguments.end(), mode.begin(), mode.end());
    const std::vector<Parameter> parameters = recurrent_parameters(cell, w);
    const auto last_dimension = std::find_if(parameters.rbegin(), parameters.rend(), [](const Parameter& parameter) {
        return std::holds_alternative<DimensionParameter>(parameter);
    });
    entry.template_arguments.insert(entry.template_arguments.end(),
                                    static_cast<std::size_t>(last_dimension - parameters.rbegin()), "void*");
    return entry;
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

double log_sigmoid(double x) {
    return std::min(x, 0.0) - std::log1p(std::exp(-std::fabs(x)));
}

bool has_two_products(const RecurrentCell& cell) {
    return cell.between != nullptr && !cell.normalises_between;
}

std::int64_t size_of_h(const RecurrentCell& cell, const Workload& w) {
    return w.dim(cell.projects ? "H" : "D");
}

std::size_t first_gates(const RecurrentCell& cell) {
    return has_two_products(cell) ? cell.first_gates : cell.gates.size();
}

std::size_t moment_count(const RecurrentCell& cell) {
    return (cell.normalises ? 1U : 0U) + (cell.normalises_between ? 2U : 0U);
}

bool keeps_sums(const RecurrentCell& cell) {
    return cell.sums_gates && cell.inputs.empty() && !cell.normalises;
}

Family recurrent_family(const RecurrentCell& cell) {
    std::vector<Option> options = cell.options;
    const std::vector<Option> of_all = options_of_all_cells();
    options.insert(options.end(), of_all.begin(), of_all.end());
    if (cell.product) {
        options.push_back(precision_option());
    }
    auto shape = [cell](const Workload& w) {
        return RecurrentShape{.gates = static_cast<std::int64_t>(cell.gates.size()),
                              .states = static_cast<std::int64_t>(cell.states.size()),
                              .parameters = static_cast<std::int64_t>(cell.parameters.size()),
                              .inputs = static_cast<std::int64_t>(cell.inputs.size()),
                              .sums_gates = keeps_sums(cell),
                              .product = cell.product,
                              .special_functions = cell.special_functions,
                              .first_gates = static_cast<std::int64_t>(first_gates(cell)),
                              .moments = static_cast<std::int64_t>(moment_count(cell)),
                              .projects = cell.projects,
                              .workload = w};
    };
    std::vector<Dimension> dimensions = {{"T", Binding::runtime, "time steps"},
                                         {"B", Binding::runtime, "sequences in the batch"},
                                         {"N", Binding::runtime, "heads, each with its own recurrent weights"},
                                         {"D", Binding::fixed, "units per head"}};
    if (cell.projects) {
        dimensions.push_back({"H", Binding::fixed, "values of h per head, to which its units are projected"});
    }
    return {.name = cell.name,
            .summary = cell.summary,
            .dimensions = dimensions,
            .dtypes = {DType::bf16, DType::f16, DType::f32},
            .options = options,
            .gates = cell.gates,
            .config_struct = "RecurrentConfig",
            .entry = [cell](const Workload& w) { return recurrent_entry(cell, w); },
            .space = [shape](const Workload& w, const Target& target) { return recurrent_space(shape(w), target); },
            .tensors = [cell](const Workload& w) { return recurrent_tensors(cell, w); },
            .parameters = [cell](const Workload& w) { return recurrent_parameters(cell, w); },
            .inputs = [cell](const Workload& w, std::uint64_t seed) { return recurrent_inputs(cell, w, seed); },
            .reference =
                [cell](const Workload& w, const Tensors& in, Precision precision) {
                    return is_backward(w)
                               ? recurrent_backward_reference(cell, w, recurrent_tensors(cell, w), in, precision)
                               : recurrent_forward_reference(cell, w, recurrent_tensors(cell, w), in, precision);
                },
            .reduced = recurrent_reduced,
            .cases = ""};
}

}  // namespace warpsmith
