#include "templates/recurrent/tensors.hpp"

#include <algorithm>

#include "templates/recurrent/options.hpp"

namespace warpsmith {
namespace {

// Tensors of a family in the order in which they are listed.
class TensorList {
  public:
    TensorList(const RecurrentCell& cell, const Workload& w)
        : w_(w),
          projects_(cell.projects),
          T_(w.dim("T")),
          B_(w.dim("B")),
          N_(w.dim("N")),
          D_(w.dim("D")),
          G_(static_cast<std::int64_t>(cell.gates.size())),
          X_(static_cast<std::int64_t>(cell.gates.size() + cell.inputs.size())),
          P_(static_cast<std::int64_t>(cell.parameters.size())),
          K_(static_cast<std::int64_t>(moment_count(cell))),
          H_(size_of_h(cell, w)) {}

    void add(Role role, const std::string& name, const std::string& layout) { add(role, name, layout, w_.dtype); }

    // h is a tensor like the others; further states stay in f32 whatever the dtype.
    void add_state(Role role, const std::string& name, const std::string& state, std::string layout) {
        if (state == "h" && projects_) {
            layout.back() = 'H';
        }
        add(role, name, layout, state == "h" ? w_.dtype : DType::f32);
    }

    // R and what makes h of the units' values, where it is not these.
    void add_weights() {
        if (projects_) {
            add(Role::input, "R", "N,G,D,H");
            add(Role::input, "projection", "N,H,D");
        } else {
            add(Role::input, "R", "N,G,Do,Di");
        }
    }

    // Where the sequences end, or where they are packed, start.
    void add_lengths() {
        if (has_lengths(w_)) {
            add(Role::input, "lengths", "B", DType::i32);
        } else if (is_packed(w_)) {
            add(Role::input, "starts", "B+1", DType::i32);
        }
    }

    // layout: with the step first where there is one, whichever the workload has.
    void add(Role role, const std::string& name, std::string layout, DType dtype) {
        if (layout.starts_with("T,B")) {
            layout.replace(0, 3, is_packed(w_) ? "S" : is_batch_first(w_) ? "B,T" : "T,B");
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
                return axis == "B+1" ? B_ + 1 : B_;
            case 'S':
                return T_ * B_;  // rows that there may be at most
            case 'N':
                return N_;
            case 'G':
                return G_;
            case 'X':
                return X_;
            case 'P':
                return P_;
            case 'K':
                return K_;
            case 'H':
                return H_;
            default:
                return D_;  // D, Do, Di
        }
    }

    const Workload& w_;
    bool projects_;
    std::int64_t T_, B_, N_, D_, G_, X_, P_, K_, H_;
};

// X is G and what a cell takes in besides.
std::string input_layout(const RecurrentCell& cell) {
    return cell.inputs.empty() ? "T,B,N,G,D" : "T,B,N,X,D";
}

// Whether products of a step are handed on between its two halves.
bool hands_on_u(const RecurrentCell& cell) {
    return has_two_products(cell) || cell.projects;
}

std::vector<TensorSpec> forward_tensors(const RecurrentCell& cell, const Workload& w) {
    TensorList list(cell, w);
    list.add(Role::input, "x", input_layout(cell));
    if (cell.product) {
        list.add_weights();
    }
    list.add(Role::input, "bias", "N,G,D");
    if (!cell.parameters.empty()) {
        list.add(Role::input, "w", "N,P,D");
    }
    for (const std::string& state : cell.states) {
        list.add_state(Role::input, state + "0", state, "B,N,D");
    }
    list.add_lengths();
    if (has_resets(w)) {
        list.add(Role::input, "resets", "T,B", DType::i32);
    }
    list.add_state(Role::output, "h", "h", "T,B,N,D");
    for (const std::string& state : cell.states) {
        list.add_state(Role::output, state + "T", state, "B,N,D");
    }
    if (hands_on_u(cell)) {
        keeps_states(w) ? list.add(Role::output, "u", "T,B,N,D") : list.add(Role::output, "uT", "B,N,D");
    }
    if (is_training(w)) {
        list.add(Role::output, "p", "T,B,N,G,D");
    }
    if (keeps_states(w)) {
        for (std::size_t s = 1; s < cell.states.size(); ++s) {
            list.add(Role::output, cell.states[s], "T,B,N,D", DType::f32);
        }
        if (cell.normalises) {
            list.add(Role::output, "moments", "T,B,N,K", DType::f32);
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
        list.add_weights();
    }
    if (!cell.parameters.empty()) {
        list.add(Role::input, "w", "N,P,D");
    }
    for (const std::string& state : cell.states) {
        if (state != "h" || !cell.projects) {
            list.add_state(Role::input, state + "0", state, "B,N,D");
            list.add_state(Role::input, state, state, "T,B,N,D");
        }
    }
    if (cell.normalises) {
        list.add(Role::input, "moments", "T,B,N,K", DType::f32);
    }
    list.add_state(Role::input, "dh", "h", "T,B,N,D");
    for (const std::string& state : cell.states) {
        list.add_state(Role::input, "d" + state + "T", state, "B,N,D");
    }
    list.add_lengths();
    if (has_resets(w)) {
        list.add(Role::input, "resets", "T,B", DType::i32);
    }
    list.add(Role::output, "dx", input_layout(cell));
    if (!keeps_sums(cell)) {
        list.add(Role::output, "dr", "T,B,N,G,D");
    }
    if (cell.projects) {
        list.add_state(Role::output, "dh_total", "h", "T,B,N,D");
    }
    for (const std::string& state : cell.states) {
        list.add_state(Role::output, "d" + state + "0", state, "B,N,D");
    }
    if (!cell.parameters.empty()) {
        list.add(Role::output, "dw", "B,N,P,D", DType::f32);
    }
    return list.specs;
}

void append(std::vector<Parameter>& parameters, const std::vector<std::string>& tensors) {
    parameters.insert(parameters.end(), tensors.begin(), tensors.end());
}

// What stands in front of p and the dimensions, of a cell whose h is projected.
std::vector<Parameter> projected_parameters(const Workload& w) {
    if (is_backward(w)) {
        return {"p", "R", "projection", "dh", "dhT", "dx", "dh_total", "dh0"};
    }
    return {"x", "R", "projection", "bias", "h0", "h", "hT", keeps_states(w) ? "u" : "uT"};
}

}  // namespace

std::vector<TensorSpec> recurrent_tensors(const RecurrentCell& cell, const Workload& w) {
    return is_backward(w) ? backward_tensors(cell, w) : forward_tensors(cell, w);
}

std::vector<Parameter> recurrent_parameters(const RecurrentCell& cell, const Workload& w) {
    const bool backward = is_backward(w), keeps = keeps_states(w);
    std::vector<Parameter> parameters;
    if (cell.projects) {
        parameters = projected_parameters(w);
    } else if (backward) {
        append(parameters, {"p", "h0", "h", "dh", "dhT", "dx", "dh0"});
    } else {
        append(parameters, {"x", "bias", "h0", "h", "hT"});
    }
    if (is_training(w)) {
        append(parameters, {"p"});
    }
    for (const char* dimension : {"T", "B", "N"}) {
        parameters.emplace_back(DimensionParameter{dimension});
    }
    if (has_lengths(w) || is_packed(w)) {
        append(parameters, {is_packed(w) ? "starts" : "lengths"});
    }
    if (has_resets(w)) {
        append(parameters, {"resets"});
    }
    if (cell.product && !cell.projects) {
        append(parameters, {"R"});
    }
    if (!cell.parameters.empty()) {
        append(parameters, backward ? std::vector<std::string>{"w", "dw"} : std::vector<std::string>{"w"});
    }
    if (has_two_products(cell) && !backward) {
        append(parameters, {keeps ? "u" : "uT"});
    }
    if (cell.normalises && (backward || keeps)) {
        append(parameters, {"moments"});
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
        if (keeps) {
            append(parameters, {c});
        }
    }
    return parameters;
}

}  // namespace warpsmith
