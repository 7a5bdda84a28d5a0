// The backward pass in double precision, by plain loops over time; derivatives of a cell are differences of its step.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "templates/recurrent/options.hpp"
#include "templates/recurrent/reference_steps.hpp"
#include "templates/recurrent/unit_derivative.hpp"

namespace warpsmith {
namespace recurrent_reference {
namespace {

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
          factors_(w, precision),
          in_(in) {}

    // Fills in what belongs to this row of [B,N].
    void run(Tensors& out, std::size_t row) const {
        const std::size_t D = size_.D, S = size_.S;
        std::vector<double> gradient(D * S), dw(D * size_.P), dr(size_.G * D);
        const std::size_t first = cell_.projects ? 1 : 0;  // of the states that units have for themselves
        for (std::size_t i = 0; i < D * S; ++i) {
            gradient[i] = i % S < first ? 0.0 : find(in_, "d" + cell_.states[i % S] + "T").values[row * D + i / S];
        }
        std::vector<double> projected(cell_.projects ? size_.H : 0);  // the gradient of h
        for (std::size_t i = 0; i < projected.size(); ++i) {
            projected[i] = find(in_, "dhT").values[row * size_.H + i];
        }
        const std::size_t length = length_of(workload_, in_, size_, row);
        for (std::size_t i = size_.T; i-- > 0;) {
            const std::size_t t = step_at(workload_, size_, i);
            if (!has_step(workload_, in_, size_, t, row)) {
                continue;
            }
            const bool reset = begins_anew(workload_, in_, size_, t, row);
            if (cell_.projects) {
                through_projection(out, gradient, projected, {t, row, 0, t < length, reset});
            }
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
            for (std::size_t d = 0; d < size_.H; ++d) {
                const double through = reset ? 0.0 : let_through(product(row % size_.N, d, dr, 0, first_gates_));
                double& of_h = cell_.projects ? projected[d] : gradient[d * S];
                of_h = precision_.store(of_h + through);
            }
        }
        for (std::size_t i = 0; i < D * S; ++i) {
            if (i % S >= first) {
                output(out, "d" + cell_.states[i % S] + "0")[row * D + i / S] = gradient[i];
            }
        }
        for (std::size_t i = 0; i < projected.size(); ++i) {
            output(out, "dh0")[row * size_.H + i] = projected[i];
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

    // From the gradient of h behind a step, but for what is outside, that of what units return; nothing of h goes on
    // but beyond the end.
    void through_projection(Tensors& out, std::vector<double>& gradient, std::vector<double>& projected,
                            Place at) const {
        const std::size_t H = size_.H, D = size_.D, row = size_.row_at(at.t, at.row), n = at.row % size_.N;
        const std::vector<double>& projection = find(in_, "projection").values;
        for (std::size_t i = 0; i < H; ++i) {
            projected[i] = precision_.store(projected[i] + find(in_, "dh").values[row * H + i]);
            output(out, "dh_total")[row * H + i] = at.inside ? projected[i] : 0.0;
        }
        for (std::size_t d = 0; d < D; ++d) {
            double sum = 0;
            for (std::size_t i = 0; at.inside && i < H; ++i) {
                sum = precision_.accumulate(sum + factors_.rounded(projection[(n * H + i) * D + d]) *
                                                      factors_.rounded(projected[i]));
            }
            gradient[d * size_.S] = precision_.store(sum);
        }
        if (at.inside) {
            std::fill(projected.begin(), projected.end(), 0.0);
        }
    }

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
            if (cell_.projects && state == "h") {
                values.push_back(0.0);  // which the step does not read
                continue;
            }
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
        if (!cell_.projects) {
            after[0] = precision_.store(after[0] + find(in_, "dh").values[size_.row_at(at.t, at.row) * size_.D + at.d]);
        }
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

    // R^T dr of one value of h, of gates from `first` to `end`.
    double product(std::size_t n, std::size_t d, const std::vector<double>& dr, std::size_t first,
                   std::size_t end) const {
        if (!cell_.product) {
            return 0;
        }
        const double* R = &find(in_, "R").values[n * size_.G * size_.D * size_.H];
        double sum = 0;
        for (std::size_t i = first * size_.D; i < end * size_.D; ++i) {
            sum = precision_.accumulate(sum + factors_.rounded(R[i * size_.H + d]) * factors_.rounded(dr[i]));
        }
        return precision_.store(sum);
    }

    const RecurrentCell& cell_;
    const Workload& workload_;
    Sizes size_;
    std::size_t first_gates_;
    UnitDerivative unit_, between_;
    Precision precision_;
    Factors factors_;
    const Tensors& in_;
};

}  // namespace
}  // namespace recurrent_reference

Tensors recurrent_backward_reference(const RecurrentCell& cell, const Workload& workload,
                                     const std::vector<TensorSpec>& tensors, const Tensors& in, Precision precision) {
    using namespace recurrent_reference;
    const Sizes size(cell, workload, in);
    Tensors out = make_outputs(tensors);
    const BackwardReference head(cell, workload, in, precision);
    for (std::size_t row = 0; row < size.rows(); ++row) {
        head.run(out, row);
    }
    return out;
}

}  // namespace warpsmith
