#include "templates/recurrent/cell.hpp"

#include <algorithm>
#include <cmath>

#include "templates/random_inputs.hpp"
#include "templates/recurrent/space.hpp"

namespace warpsmith {
namespace {

// Tensors of a family in the order in which they are listed.
class TensorList {
  public:
    TensorList(const RecurrentCell& cell, const Workload& w)
        : w_(w),
          T_(w.dim("T")),
          B_(w.dim("B")),
          N_(w.dim("N")),
          D_(w.dim("D")),
          G_(static_cast<std::int64_t>(cell.gates.size())),
          X_(static_cast<std::int64_t>(cell.gates.size() + cell.inputs.size())),
          P_(static_cast<std::int64_t>(cell.parameters.size())) {}

    void add(Role role, const std::string& name, const std::string& layout) { add(role, name, layout, w_.dtype); }

    // h is a tensor like the others; further states stay in f32 whatever the dtype.
    void add_state(Role role, const std::string& name, const std::string& state, const std::string& layout) {
        add(role, name, layout, state == "h" ? w_.dtype : DType::f32);
    }

    // layout: with the step first where there is one, whichever the workload has.
    void add(Role role, const std::string& name, std::string layout, DType dtype) {
        if (is_batch_first(w_) && layout.starts_with("T,B")) {
            layout.replace(0, 3, "B,T");
        }
        std::vector<std::int64_t> shape;
        for (std::size_t at = 0; at <= layout.size();) {
            const std::size_t end = std::min(layout.find(',', at), layout.size());
            shape.push_back(extent(layout.substr(at, end - at)));
            at = end + 1;
        }
        specs.push_back({name, role, dtype, layout, shape});
    }

    std::vector<TensorSpec> specs;

  private:
    std::int64_t extent(const std::string& axis) const {
        switch (axis[0]) {
            case 'T':
                return T_;
            case 'B':
                return B_;
            case 'N':
                return N_;
            case 'G':
                return G_;
            case 'X':
                return X_;
            case 'P':
                return P_;
            default:
                return D_;  // D, Do, Di
        }
    }

    const Workload& w_;
    std::int64_t T_, B_, N_, D_, G_, X_, P_;
};

// X is G and what a cell takes in besides.
std::string input_layout(const RecurrentCell& cell) {
    return cell.inputs.empty() ? "T,B,N,G,D" : "T,B,N,X,D";
}

std::vector<TensorSpec> forward_tensors(const RecurrentCell& cell, const Workload& w) {
    TensorList list(cell, w);
    list.add(Role::input, "x", input_layout(cell));
    if (cell.product) {
        list.add(Role::input, "R", "N,G,Do,Di");
    }
    list.add(Role::input, "bias", "N,G,D");
    if (!cell.parameters.empty()) {
        list.add(Role::input, "w", "N,P,D");
    }
    for (const std::string& state : cell.states) {
        list.add_state(Role::input, state + "0", state, "B,N,D");
    }
    if (has_lengths(w)) {
        list.add(Role::input, "lengths", "B", DType::i32);
    }
    if (has_resets(w)) {
        list.add(Role::input, "resets", "T,B", DType::i32);
    }
    list.add(Role::output, "h", "T,B,N,D");
    for (const std::string& state : cell.states) {
        list.add_state(Role::output, state + "T", state, "B,N,D");
    }
    if (is_training(w)) {
        list.add(Role::output, "p", "T,B,N,G,D");
        for (std::size_t s = 1; s < cell.states.size(); ++s) {
            list.add(Role::output, cell.states[s], "T,B,N,D", DType::f32);
        }
    }
    return list.specs;
}

std::vector<TensorSpec> backward_tensors(const RecurrentCell& cell, const Workload& w) {
    TensorList list(cell, w);
    if (!keeps_sums(cell)) {
        list.add(Role::input, "x", input_layout(cell));
    }
    list.add(Role::input, "p", "T,B,N,G,D");
    if (cell.product) {
        list.add(Role::input, "R", "N,G,Do,Di");
    }
    if (!cell.parameters.empty()) {
        list.add(Role::input, "w", "N,P,D");
    }
    for (const std::string& state : cell.states) {
        list.add_state(Role::input, state + "0", state, "B,N,D");
        list.add_state(Role::input, state, state, "T,B,N,D");
    }
    list.add(Role::input, "dh", "T,B,N,D");
    for (const std::string& state : cell.states) {
        list.add_state(Role::input, "d" + state + "T", state, "B,N,D");
    }
    if (has_lengths(w)) {
        list.add(Role::input, "lengths", "B", DType::i32);
    }
    if (has_resets(w)) {
        list.add(Role::input, "resets", "T,B", DType::i32);
    }
    list.add(Role::output, "dx", input_layout(cell));
    if (!keeps_sums(cell)) {
        list.add(Role::output, "dr", "T,B,N,G,D");
    }
    for (const std::string& state : cell.states) {
        list.add_state(Role::output, "d" + state + "0", state, "B,N,D");
    }
    if (!cell.parameters.empty()) {
        list.add(Role::output, "dw", "B,N,P,D", DType::f32);
    }
    return list.specs;
}

std::vector<TensorSpec> recurrent_tensors(const RecurrentCell& cell, const Workload& w) {
    return is_backward(w) ? backward_tensors(cell, w) : forward_tensors(cell, w);
}

void append(std::vector<Parameter>& parameters, const std::vector<std::string>& tensors) {
    parameters.insert(parameters.end(), tensors.begin(), tensors.end());
}

// As the kernels of kernel.cuh take them.
std::vector<Parameter> recurrent_parameters(const RecurrentCell& cell, const Workload& w) {
    const bool backward = is_backward(w), training = is_training(w);
    std::vector<Parameter> parameters;
    if (backward) {
        append(parameters, {"p", "h0", "h", "dh", "dhT", "dx", "dh0"});
    } else {
        append(parameters, {"x", "bias", "h0", "h", "hT"});
    }
    if (training) {
        append(parameters, {"p"});
    }
    for (const char* dimension : {"T", "B", "N"}) {
        parameters.emplace_back(DimensionParameter{dimension});
    }
    if (has_lengths(w)) {
        append(parameters, {"lengths"});
    }
    if (has_resets(w)) {
        append(parameters, {"resets"});
    }
    if (cell.product) {
        append(parameters, {"R"});
    }
    if (!cell.parameters.empty()) {
        append(parameters, backward ? std::vector<std::string>{"w", "dw"} : std::vector<std::string>{"w"});
    }
    if (backward && !keeps_sums(cell)) {
        append(parameters, {"x", "dr"});
    }
    for (std::size_t s = 1; s < cell.states.size(); ++s) {
        const std::string& c = cell.states[s];
        if (backward) {
            append(parameters, {c + "0", c, "d" + c + "T", "d" + c + "0"});
        } else {
            append(parameters, {c + "0", c + "T"});
        }
        if (training) {
            append(parameters, {c});
        }
    }
    return parameters;
}

// The fields of RecurrentMode of config.cuh.
std::vector<std::string> mode_of(const Workload& w) {
    const std::string gradient = w.option_or("recurrent_gradient", "full");
    return {is_reverse(w) ? "1" : "0", has_lengths(w) ? "1" : "0",
            gradient == "full"  ? "0"
            : gradient == "cut" ? "-1"
                                : gradient,
            is_batch_first(w) ? "1" : "0", has_resets(w) ? "1" : "0"};
}

Entry recurrent_entry(const RecurrentCell& cell, const Workload& w) {
    Entry entry{cell.name + "/kernel.cuh",
                "recurrent_" + pass_of(w),
                {cell.cell_type(w), std::string(cuda_type(w.dtype)), std::to_string(w.dim("D"))}};
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

// Inputs of x behind those of the gates lie between 0 and 1, as shares do.
void make_shares(Tensor& x, std::size_t gates, std::size_t units) {
    const std::size_t inputs = static_cast<std::size_t>(x.spec.shape[3]);
    for (std::size_t i = 0; i < x.values.size(); ++i) {
        if (i / units % inputs >= gates) {
            x.values[i] = round_to(x.spec.dtype, std::abs(x.values[i]));
        }
    }
}

// Weights that keep R h of order one; a normaliser that starts positive, as sLSTM's n is.
Tensor random_input(const RecurrentCell& cell, const Workload& w, const TensorSpec& spec, std::uint64_t seed) {
    if (spec.name == "lengths") {
        return random_tensor(spec, 0, static_cast<double>(w.dim("T")), seed);
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

// A backward pass takes in what a forward pass was given and has kept, as tensors store it: random states would let
// gradients grow as those of no sequence do. Gradients that come from outside are random.
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

// Enough steps to pass through every buffer several times, one more sequence than the widest tile, two heads.
Workload recurrent_reduced(Workload w) {
    w.dims["T"] = std::min<std::int64_t>(w.dims["T"], 7);
    w.dims["B"] = std::min<std::int64_t>(w.dims["B"], 65);
    w.dims["N"] = std::min<std::int64_t>(w.dims["N"], 2);
    return w;
}

std::vector<Option> recurrent_options(const RecurrentCell& cell) {
    std::vector<Option> options = cell.options;
    const std::vector<Option> of_all = {
        {.name = "pass",
         .values = {"forward", "training", "backward"},
         .meaning = "training is forward and keeps p and the further states, which backward takes in",
         .later = true},
        {.name = "direction",
         .values = {"forward", "reverse"},
         .meaning = "reverse goes from the last step to the first",
         .later = true},
        {.name = "lengths",
         .values = {"none", "given"},
         .meaning = "given: from its length on a sequence's states stay as they are",
         .later = true},
        {.name = "recurrent_gradient",
         .values = {"full", "cut", "1", "3", "5", "10"},
         .meaning = "of the backward pass: what comes through R, all, nothing, or at most so much",
         .later = true},
        layout_option(),
        resets_option()};
    options.insert(options.end(), of_all.begin(), of_all.end());
    return options;
}

}  // namespace

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

double log_sigmoid(double x) {
    return std::min(x, 0.0) - std::log1p(std::exp(-std::fabs(x)));
}

bool keeps_sums(const RecurrentCell& cell) {
    return cell.sums_gates && cell.inputs.empty();
}

std::string pass_of(const Workload& workload) {
    return workload.option_or("pass", "forward");
}

bool is_backward(const Workload& workload) {
    return pass_of(workload) == "backward";
}

bool is_training(const Workload& workload) {
    return pass_of(workload) == "training";
}

bool is_reverse(const Workload& workload) {
    return workload.option_or("direction", "forward") == "reverse";
}

bool has_lengths(const Workload& workload) {
    return workload.option_or("lengths", "none") == "given";
}

bool is_batch_first(const Workload& workload) {
    return workload.option_or("layout", "tb") == "bt";
}

bool has_resets(const Workload& workload) {
    return workload.option_or("resets", "none") == "given";
}

Option resets_option() {
    return {.name = "resets",
            .values = {"none", "given"},
            .meaning = "given: at steps whose reset is not 0 a sequence begins anew, from states that are zero",
            .later = true};
}

// Rounded, three of four are 0.
Tensor random_resets(const TensorSpec& spec, std::uint64_t seed) {
    return random_tensor(spec, -2.0 / 3, 2.0 / 3, seed);
}

Option layout_option() {
    return {.name = "layout",
            .values = {"tb", "bt"},
            .meaning = "bt: tensors of all steps have the batch first, [B,T,...]",
            .later = true};
}

Family recurrent_family(const RecurrentCell& cell) {
    auto shape = [cell](const Workload& w) {
        return RecurrentShape{.gates = static_cast<std::int64_t>(cell.gates.size()),
                              .states = static_cast<std::int64_t>(cell.states.size()),
                              .parameters = static_cast<std::int64_t>(cell.parameters.size()),
                              .inputs = static_cast<std::int64_t>(cell.inputs.size()),
                              .sums_gates = keeps_sums(cell),
                              .product = cell.product,
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
            .options = recurrent_options(cell),
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
