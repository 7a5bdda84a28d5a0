// Recurrences in double precision, by plain loops over time: what the kernels are compared with.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <utility>

#include "solver/error.hpp"
#include "templates/recurrent/cell.hpp"
#include "templates/recurrent/options.hpp"

namespace warpsmith {
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

struct Sizes {
    std::size_t T, B, N, D, G, X, R, S, P, K;  // R: products that a step takes in
    bool batch_first;
    std::vector<std::size_t> starts = {};  // where sequences are packed

    Sizes(const RecurrentCell& cell, const Workload& w, const Tensors& in)
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
          batch_first(is_batch_first(w)) {
        if (is_packed(w)) {
            starts = packed_starts(w, in);
        }
    }

    std::size_t rows() const { return B * N; }  // of a step

    // The row of a tensor of all steps where step t of a row of [B,N] is.
    std::size_t row_at(std::size_t t, std::size_t row) const {
        return !starts.empty() ? (starts[row / N] + t) * N + row % N
               : batch_first   ? (row / N * T + t) * N + row % N
                               : t * rows() + row;
    }
};

// Rows of packed tensors are NaN until a sequence has them, and so is what a step leaves for the next one until there
// is one: nothing is written elsewhere.
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

// Steps that the sequence of a row of [B,N] has.
std::size_t length_of(const Workload& w, const Tensors& in, const Sizes& size, std::size_t row) {
    const std::size_t b = row / size.N;
    return has_lengths(w)         ? static_cast<std::size_t>(find(in, "lengths").values[b])
           : !size.starts.empty() ? size.starts[b + 1] - size.starts[b]
                                  : size.T;
}

// Whether there is a step t of the sequence of a row of [B,N] in tensors of all steps.
bool has_step(const Workload& w, const Tensors& in, const Sizes& size, std::size_t t, std::size_t row) {
    return size.starts.empty() || t < length_of(w, in, size, row);
}

// Whether the sequence of a row of [B,N] begins anew at step t.
bool begins_anew(const Workload& w, const Tensors& in, const Sizes& size, std::size_t t, std::size_t row) {
    const std::size_t b = row / size.N;
    return has_resets(w) && t < length_of(w, in, size, row) &&
           find(in, "resets").values[size.batch_first ? b * size.T + t : t * size.B + b] != 0;
}

// Which step comes i-th in the forward pass.
std::size_t step_at(const Workload& w, const Sizes& size, std::size_t i) {
    return is_reverse(w) ? size.T - 1 - i : i;
}

// The parameters of one unit of one head.
std::vector<double> unit_parameters(const Tensors& in, const Sizes& size, std::size_t n, std::size_t d) {
    std::vector<double> w(size.P);
    for (std::size_t p = 0; p < size.P; ++p) {
        w[p] = find(in, "w").values[(n * size.P + p) * size.D + d];
    }
    return w;
}

struct Moments {
    double mean = 0, inverse_deviation = 0;

    double normalised(double value) const { return (value - mean) * inverse_deviation; }
    // From that by the normalised value, and the means over all values of it and of its products with them.
    double gradient(double by_normalised, double normalised, double mean_gradient, double mean_product) const {
        return inverse_deviation * (by_normalised - mean_gradient - normalised * mean_product);
    }
};

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

// One sequence of one head: states of all its units, advanced step by step.
class ForwardReference {
  public:
    ForwardReference(const RecurrentCell& cell, const Workload& w, const Tensors& in, Precision precision)
        : workload_(w),
          size_(cell, w, in),
          first_gates_(first_gates(cell)),
          step_(cell.step(w)),
          cell_(cell),
          precision_(precision),
          in_(in),
          R_(cell.product ? find(in, "R").values : none_),
          bias_(find(in, "bias").values),
          x_(find(in, "x").values) {}

    // What a step has besides states. products: R h + bias of every gate and unit, [R][D], of gates behind the first
    // ones with what is between the products in place of h; normalised where the cell does that.
    struct Step {
        std::vector<double> products, between, moments;
    };

    // states: [unit][S] of a row of [B,N], advanced to step t.
    Step advance(std::vector<double>& states, std::size_t t, std::size_t row) const {
        const std::size_t length = length_of(workload_, in_, size_, row);
        const std::size_t G = size_.G, D = size_.D, n = row % size_.N;
        if (begins_anew(workload_, in_, size_, t, row)) {
            std::fill(states.begin(), states.end(), 0.0);
        }
        std::vector<double> h(D);
        for (std::size_t d = 0; d < D; ++d) {
            h[d] = states[d * size_.S];
        }
        Step step{std::vector<double>(size_.R * D), std::vector<double>(D), {}};
        for (std::size_t i = 0; i < first_gates_ * D; ++i) {
            step.products[i] = product(n * G * D + i, h);
        }
        if (cell_.normalises) {
            step.moments.push_back(normalise(std::span(step.products).first(G * D)).inverse_deviation);
        }
        for (std::size_t d = 0; cell_.between && d < D; ++d) {
            of_unit(step.products, t, row, d, [&](const CellInput& in) {
                step.between[d] = precision_.store(cell_.between(in, &states[d * size_.S], precision_));
            });
        }
        if (cell_.normalises_between) {
            std::copy(step.between.begin(), step.between.end(),
                      step.products.begin() + static_cast<std::ptrdiff_t>(G * D));
            const Moments found = normalise(std::span(step.products).subspan(G * D));
            step.moments.insert(step.moments.end(), {found.mean, found.inverse_deviation});
        }
        for (std::size_t i = first_gates_ * D; i < G * D; ++i) {
            step.products[i] = product(n * G * D + i, step.between);
        }
        for (std::size_t d = 0; t < length && d < D; ++d) {
            of_unit(step.products, t, row, d,
                    [&](const CellInput& in) { step_(in, &states[d * size_.S], precision_); });
        }
        return step;
    }

  private:
    // Calls with what unit d has at step t.
    void of_unit(const std::vector<double>& products, std::size_t t, std::size_t row, std::size_t d,
                 const std::function<void(const CellInput&)>& call) const {
        const std::size_t D = size_.D;
        std::vector<double> x(size_.X), of_gates(size_.R);
        for (std::size_t i = 0; i < size_.X; ++i) {
            x[i] = x_[(size_.row_at(t, row) * size_.X + i) * D + d];
        }
        for (std::size_t g = 0; g < size_.R; ++g) {
            of_gates[g] = products[g * D + d];
        }
        const std::vector<double> w = unit_parameters(in_, size_, row % size_.N, d);
        call({x.data(), of_gates.data(), w.data()});
    }

    Moments normalise(std::span<double> values) const {
        const Moments found = moments_of(values, precision_);
        for (double& value : values) {
            value = precision_.store(found.normalised(value));
        }
        return found;
    }

    // row: of R seen as [N * G * Do][Di].
    double product(std::size_t row, const std::vector<double>& h) const {
        double sum = 0;
        for (std::size_t k = 0; k < h.size() && !R_.empty(); ++k) {
            sum = precision_.accumulate(sum + R_[row * h.size() + k] * h[k]);
        }
        return precision_.store(precision_.store(sum) + bias_[row]);
    }

    const Workload& workload_;
    Sizes size_;
    std::size_t first_gates_;
    CellStep step_;
    const RecurrentCell& cell_;
    Precision precision_;
    const Tensors& in_;
    std::vector<double> none_;
    const std::vector<double>&R_, &bias_, &x_;
};

// One step of one unit on the way back.
class UnitDerivative {
  public:
    UnitDerivative(const Sizes& size, CellStep step, Precision precision)
        : size_(size), step_(std::move(step)), precision_(precision) {}

    // at: x, the product, the states before and the parameters, one after the other. gradient: by the states after.
    // Returns the gradient by each number of `at`. Slopes of the states after and their products with `gradient` are
    // intermediates.
    std::vector<double> reversed(std::vector<double> at, const std::vector<double>& gradient) const {
        if (in_f32()) {
            move_by_half_a_unit(at);
        }
        std::vector<double> result(at.size());
        const std::vector<double> here = states_after(at);
        for (std::size_t i = 0; i < at.size(); ++i) {
            const double middle = at[i], distance = 1e-7 * std::max(1.0, std::abs(middle));
            at[i] = middle + distance;
            const std::vector<double> above = states_after(at);
            at[i] = middle - distance;
            const std::vector<double> below = states_after(at);
            at[i] = middle;
            for (std::size_t s = 0; s < size_.S; ++s) {
                const double slope =
                    rounded(slope_of((above[s] - here[s]) / distance, (here[s] - below[s]) / distance));
                result[i] = precision_.store(result[i] + precision_.store(slope * gradient[s]));
            }
        }
        return result;
    }

  private:
    // Of both sides: their mean, or, at a kink such as relu's, the one that is closer to zero, as kernels have it.
    static double slope_of(double above, double below) {
        const bool kink = std::abs(above - below) > 1e-4 * (1 + std::abs(above) + std::abs(below));
        return !kink ? (above + below) / 2 : std::abs(above) < std::abs(below) ? above : below;
    }

    // Rounded to f32, which is what kernels compute in whatever the dtype.
    bool in_f32() const { return !precision_.exact && precision_.dtype == DType::f32; }

    // What is computed of inputs that are rounded on the way is the result of inputs that are a little off.
    static void move_by_half_a_unit(std::vector<double>& at) {
        const double half_a_unit = std::ldexp(1.0, -24);
        for (std::size_t i = 0; i < at.size(); ++i) {
            at[i] *= i % 2 == 0 ? 1 + half_a_unit : 1 - half_a_unit;
        }
    }

    // In f32 slopes of sigmoid and tanh are as exact as a difference from one is: s (1 - s), 1 - t t.
    double rounded(double slope) const {
        return in_f32() ? precision_.store(precision_.store(1 + slope) - 1) : precision_.store(slope);
    }

    std::vector<double> states_after(const std::vector<double>& at) const {
        std::vector<double> states(at.begin() + static_cast<std::ptrdiff_t>(size_.X + size_.R),
                                   at.begin() + static_cast<std::ptrdiff_t>(size_.X + size_.R + size_.S));
        const double* first = at.data();
        step_({first, first + size_.X, first + size_.X + size_.R + size_.S}, states.data(), Precision{});
        return states;
    }

    Sizes size_;
    CellStep step_;
    Precision precision_;
};

// One sequence of one head on the way back.
class BackwardReference {
  public:
    BackwardReference(const RecurrentCell& cell, const Workload& w, const Tensors& in, Precision precision)
        : cell_(cell),
          workload_(w),
          size_(cell, w, in),
          first_gates_(first_gates(cell)),
          unit_(size_, cell.step(w), precision),
          between_(
              size_,
              [&cell](const CellInput& at, double* state, const Precision& p) {
                  state[0] = cell.between(at, state, p);
              },
              precision),
          precision_(precision),
          in_(in) {}

    // Fills in what belongs to this row of [B,N].
    void run(Tensors& out, std::size_t row) const {
        const std::size_t D = size_.D, S = size_.S;
        std::vector<double> gradient(D * S), dw(D * size_.P), dr(size_.G * D);
        for (std::size_t i = 0; i < D * S; ++i) {
            gradient[i] = find(in_, "d" + cell_.states[i % S] + "T").values[row * D + i / S];
        }
        const std::size_t length = length_of(workload_, in_, size_, row);
        for (std::size_t i = size_.T; i-- > 0;) {
            const std::size_t t = step_at(workload_, size_, i);
            if (!has_step(workload_, in_, size_, t, row)) {
                continue;
            }
            const bool reset = begins_anew(workload_, in_, size_, t, row);
            std::vector<std::vector<double>> before(D);
            for (std::size_t d = 0; d < D; ++d) {
                before[d] = through_step(&gradient[d * S], {t, row, d, t < length, reset});
                keep_products(dr, before[d], first_gates_, size_.G, d);
            }
            if (cell_.normalises && t < length) {
                through_normalisation(before, dr, {t, row, 0, true, reset});
            }
            for (std::size_t d = 0; has_two_products(cell_) && t < length && d < D; ++d) {
                std::vector<double> of_between(S);
                of_between[0] = product(row % size_.N, d, dr, first_gates_, size_.G);
                add(before[d], between_.reversed(inputs_at({t, row, d, true, reset}), of_between));
            }
            for (std::size_t d = 0; d < D; ++d) {
                if (!cell_.normalises || t >= length) {
                    keep_products(dr, before[d], 0, first_gates_, d);
                }
                finish(out, before[d], &gradient[d * S], dw.data() + d * size_.P, {t, row, d, t < length, reset});
            }
            for (std::size_t d = 0; d < D; ++d) {
                const double through = reset ? 0.0 : let_through(product(row % size_.N, d, dr, 0, first_gates_));
                gradient[d * S] = precision_.store(gradient[d * S] + through);
            }
        }
        for (std::size_t i = 0; i < D * S; ++i) {
            output(out, "d" + cell_.states[i % S] + "0")[row * D + i / S] = gradient[i];
        }
        for (std::size_t i = 0; i < D * size_.P; ++i) {
            output(out, "dw")[(row * size_.P + i % size_.P) * D + i / size_.P] = dw[i];
        }
    }

  private:
    struct Place {
        std::size_t t, row, d;
        bool inside;  // of the sequence
        bool reset;
    };

    double let_through(double gradient) const {
        const std::string option = workload_.option_or("recurrent_gradient", "full");
        const double limit = option == "full"  ? std::numeric_limits<double>::infinity()
                             : option == "cut" ? 0.0
                                               : std::stod(option);
        return std::clamp(gradient, -limit, limit);
    }

    // x, the product, the states before the step and the parameters.
    std::vector<double> inputs_at(Place at) const {
        const std::size_t G = size_.G, X = size_.X, D = size_.D, row = size_.row_at(at.t, at.row);
        std::vector<double> values(X + size_.R);
        for (std::size_t i = 0; i < X; ++i) {
            values[i] = find(in_, keeps_sums(cell_) ? "p" : "x").values[(row * X + i) * D + at.d];
        }
        for (std::size_t g = 0; g < G; ++g) {
            values[X + g] = keeps_sums(cell_) ? 0.0 : find(in_, "p").values[(row * G + g) * D + at.d];
        }
        const std::size_t last = (size_.starts.empty() ? size_.T : length_of(workload_, in_, size_, at.row)) - 1;
        const bool reverse = is_reverse(workload_), is_first = at.t == (reverse ? last : 0);
        const std::size_t before = is_first ? 0 : size_.row_at(reverse ? at.t + 1 : at.t - 1, at.row);
        for (const std::string& state : cell_.states) {
            values.push_back(at.reset   ? 0.0
                             : is_first ? find(in_, state + "0").values[at.row * D + at.d]
                                        : find(in_, state).values[before * D + at.d]);
        }
        const std::vector<double> w = unit_parameters(in_, size_, at.row % size_.N, at.d);
        values.insert(values.end(), w.begin(), w.end());
        if (cell_.normalises_between) {
            const double* const kept = &find(in_, "moments").values[row * size_.K + 1];
            const double* const states = &values[X + size_.R];
            const double between = cell_.between({values.data(), &values[X], states + size_.S}, states, precision_);
            values[X + G] = precision_.store(Moments{kept[0], kept[1]}.normalised(between));
        }
        return values;
    }

    // The gradient by each number of inputs_at, from that of the states after the step but for what is outside.
    std::vector<double> through_step(const double* gradient, Place at) const {
        const std::size_t first_state = size_.X + size_.R;
        std::vector<double> after(gradient, gradient + size_.S);
        after[0] = precision_.store(after[0] + find(in_, "dh").values[size_.row_at(at.t, at.row) * size_.D + at.d]);
        if (at.inside) {
            return unit_.reversed(inputs_at(at), after);
        }
        std::vector<double> before(first_state + size_.S + size_.P);
        std::copy(after.begin(), after.end(), before.begin() + static_cast<std::ptrdiff_t>(first_state));
        return before;
    }

    void add(std::vector<double>& sum, const std::vector<double>& more) const {
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] = precision_.store(sum[i] + more[i]);
        }
    }

    // From the gradients by what is normalised those by what it is made from: of the products, which go to dr and their
    // places in `before`.
    void through_normalisation(std::vector<std::vector<double>>& before, std::vector<double>& dr, Place at) const {
        const std::size_t D = size_.D, G = size_.G, X = size_.X, row = size_.row_at(at.t, at.row);
        const std::vector<double>& kept = find(in_, "moments").values;
        const std::vector<double>& p = find(in_, "p").values;
        if (cell_.normalises_between) {
            std::vector<double> normalised(D), gradient(D);
            for (std::size_t d = 0; d < D; ++d) {
                normalised[d] = inputs_at({at.t, at.row, d, true, at.reset})[X + G];
                gradient[d] = precision_.store(before[d][X + G]);
            }
            reverse_normalisation(gradient, normalised, kept[row * size_.K + 2]);
            for (std::size_t d = 0; d < D; ++d) {
                std::vector<double> of_between(size_.S);
                of_between[0] = gradient[d];
                add(before[d], between_.reversed(inputs_at({at.t, at.row, d, true, at.reset}), of_between));
            }
        }
        for (std::size_t i = 0; i < G * D; ++i) {
            dr[i] = precision_.store(before[i % D][X + i / D]);
        }
        reverse_normalisation(dr, std::span(p).subspan(row * G * D, G * D), kept[row * size_.K]);
        for (std::size_t i = 0; i < G * D; ++i) {
            before[i % D][X + i / D] = dr[i];
        }
    }

    // In place: from the gradient by normalised values that by the values.
    void reverse_normalisation(std::vector<double>& gradient, std::span<const double> normalised,
                               double inverse_deviation) const {
        const double count = static_cast<double>(gradient.size());
        double sum = 0, products = 0;
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            sum += gradient[i];
            products += gradient[i] * normalised[i];
        }
        const Moments moments{0, inverse_deviation};
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            gradient[i] = precision_.store(moments.gradient(gradient[i], normalised[i], sum / count, products / count));
        }
    }

    // The gradients of some gates' products, to dr [G][D].
    void keep_products(std::vector<double>& dr, const std::vector<double>& before, std::size_t first, std::size_t end,
                       std::size_t d) const {
        for (std::size_t g = first; g < end; ++g) {
            dr[g * size_.D + d] = precision_.store(before[keeps_sums(cell_) ? g : size_.X + g]);
        }
    }

    // What a unit's step leaves: outputs, and gradients of the states before it and of the parameters.
    void finish(Tensors& out, const std::vector<double>& before, double* gradient, double* dw, Place at) const {
        const std::size_t G = size_.G, X = size_.X, D = size_.D, S = size_.S, row = size_.row_at(at.t, at.row);
        for (std::size_t i = 0; i < X; ++i) {
            output(out, "dx")[(row * X + i) * D + at.d] = precision_.store(before[i]);
        }
        for (std::size_t g = 0; !keeps_sums(cell_) && g < G; ++g) {
            output(out, "dr")[(row * G + g) * D + at.d] = precision_.store(before[X + g]);
        }
        for (std::size_t s = 0; s < S; ++s) {
            gradient[s] = at.reset ? 0.0 : precision_.store(before[X + size_.R + s]);
        }
        for (std::size_t p = 0; p < size_.P; ++p) {
            dw[p] = precision_.store(dw[p] + precision_.store(before[X + size_.R + S + p]));
        }
    }

    // R^T dr of one unit, of gates from `first` to `end`.
    double product(std::size_t n, std::size_t d, const std::vector<double>& dr, std::size_t first,
                   std::size_t end) const {
        if (!cell_.product) {
            return 0;
        }
        const double* R = &find(in_, "R").values[n * size_.G * size_.D * size_.D];
        double sum = 0;
        for (std::size_t i = first * size_.D; i < end * size_.D; ++i) {
            sum = precision_.accumulate(sum + R[i * size_.D + d] * dr[i]);
        }
        return precision_.store(sum);
    }

    const RecurrentCell& cell_;
    const Workload& workload_;
    Sizes size_;
    std::size_t first_gates_;
    UnitDerivative unit_, between_;
    Precision precision_;
    const Tensors& in_;
};

}  // namespace

Tensors recurrent_forward_reference(const RecurrentCell& cell, const Workload& workload,
                                    const std::vector<TensorSpec>& tensors, const Tensors& in, Precision precision) {
    const Sizes size(cell, workload, in);
    const std::size_t D = size.D, S = size.S, G = size.G;
    const bool training = is_training(workload);
    Tensors out = make_outputs(tensors);
    ForwardReference head(cell, workload, in, precision);
    std::vector<double> states(D * S);
    const std::string between_name = !has_two_products(cell) ? "" : training ? "u" : "uT";
    for (std::size_t row = 0; row < size.rows(); ++row) {
        for (std::size_t i = 0; i < D * S; ++i) {
            states[i] = find(in, cell.states[i % S] + "0").values[row * D + i / S];
        }
        for (std::size_t i = 0; i < size.T; ++i) {
            const std::size_t t = step_at(workload, size, i);
            if (!has_step(workload, in, size, t, row)) {
                continue;
            }
            const ForwardReference::Step step = head.advance(states, t, row);
            const std::size_t at = size.row_at(t, row);
            if (!between_name.empty()) {
                std::copy(step.between.begin(), step.between.end(),
                          output(out, between_name).begin() + static_cast<std::ptrdiff_t>((training ? at : row) * D));
            }
            for (std::size_t k = 0; k < D * S; ++k) {
                if (k % S == 0 || training) {
                    output(out, cell.states[k % S])[at * D + k / S] = states[k];
                }
            }
            for (std::size_t k = 0; training && k < size.K; ++k) {
                output(out, "moments")[at * size.K + k] = step.moments[k];
            }
            for (std::size_t k = 0; training && k < G * D; ++k) {
                const double x = keeps_sums(cell) ? find(in, "x").values[at * G * D + k] : 0.0;
                output(out, "p")[at * G * D + k] = precision.store(x + step.products[k]);
            }
        }
        for (std::size_t i = 0; i < D * S; ++i) {
            output(out, cell.states[i % S] + "T")[row * D + i / S] = states[i];
        }
    }
    return out;
}

Tensors recurrent_backward_reference(const RecurrentCell& cell, const Workload& workload,
                                     const std::vector<TensorSpec>& tensors, const Tensors& in, Precision precision) {
    const Sizes size(cell, workload, in);
    Tensors out = make_outputs(tensors);
    const BackwardReference head(cell, workload, in, precision);
    for (std::size_t row = 0; row < size.rows(); ++row) {
        head.run(out, row);
    }
    return out;
}

}  // namespace warpsmith
