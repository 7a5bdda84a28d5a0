// The forward pass in double precision, by plain loops over time: what the kernels are compared with.
#include <algorithm>
#include <functional>

#include "templates/recurrent/options.hpp"
#include "templates/recurrent/reference_steps.hpp"

namespace warpsmith {
namespace recurrent_reference {
namespace {

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
          factors_(w, precision),
          R_(cell.product ? find(in, "R").values : none_),
          projection_(cell.projects ? find(in, "projection").values : none_),
          bias_(find(in, "bias").values),
          x_(find(in, "x").values) {}

    // What a step has besides states. products: R h + bias of every gate and unit, [R][D], of gates behind the first
    // ones with what is between the products in place of h; normalised where the cell does that.
    struct Step {
        std::vector<double> products, between, moments;
    };

    // states: [unit][S] of a row of [B,N], and projected, what its h is projected to, advanced to step t.
    Step advance(std::vector<double>& states, std::vector<double>& projected, std::size_t t, std::size_t row) const {
        const std::size_t length = length_of(workload_, in_, size_, row);
        const std::size_t G = size_.G, D = size_.D, n = row % size_.N;
        if (begins_anew(workload_, in_, size_, t, row)) {
            std::fill(states.begin(), states.end(), 0.0);
            std::fill(projected.begin(), projected.end(), 0.0);
        }
        const std::vector<double> h = cell_.projects ? projected : values_of_units(states);
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
        if (cell_.projects && t < length) {
            step.between = values_of_units(states);
            for (std::size_t i = 0; i < size_.H; ++i) {
                projected[i] = precision_.store(sum_of_products(projection_, n * size_.H + i, step.between));
            }
        }
        return step;
    }

  private:
    // What units return.
    std::vector<double> values_of_units(const std::vector<double>& states) const {
        std::vector<double> values(size_.D);
        for (std::size_t d = 0; d < size_.D; ++d) {
            values[d] = states[d * size_.S];
        }
        return values;
    }

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
        return precision_.store(precision_.store(sum_of_products(R_, row, h)) + bias_[row]);
    }

    double sum_of_products(const std::vector<double>& weights, std::size_t row, const std::vector<double>& h) const {
        double sum = 0;
        for (std::size_t k = 0; k < h.size() && !weights.empty(); ++k) {
            sum = precision_.accumulate(sum + factors_.rounded(weights[row * h.size() + k]) * factors_.rounded(h[k]));
        }
        return sum;
    }

    const Workload& workload_;
    Sizes size_;
    std::size_t first_gates_;
    CellStep step_;
    const RecurrentCell& cell_;
    Precision precision_;
    const Tensors& in_;
    Factors factors_;
    std::vector<double> none_;
    const std::vector<double>&R_, &projection_, &bias_, &x_;
};

}  // namespace
}  // namespace recurrent_reference

Tensors recurrent_forward_reference(const RecurrentCell& cell, const Workload& workload,
                                    const std::vector<TensorSpec>& tensors, const Tensors& in, Precision precision) {
    using namespace recurrent_reference;
    const Sizes size(cell, workload, in);
    const std::size_t D = size.D, S = size.S, G = size.G;
    const bool keeps = keeps_states(workload), training = is_training(workload);
    Tensors out = make_outputs(tensors);
    ForwardReference head(cell, workload, in, precision);
    std::vector<double> states(D * S), projected(cell.projects ? size.H : 0);
    const std::size_t first = cell.projects ? 1 : 0;  // of the states that units have for themselves
    const std::string between_name = !has_two_products(cell) && !cell.projects ? "" : keeps ? "u" : "uT";
    for (std::size_t row = 0; row < size.rows(); ++row) {
        for (std::size_t i = 0; i < D * S; ++i) {
            states[i] = i % S < first ? 0.0 : find(in, cell.states[i % S] + "0").values[row * D + i / S];
        }
        for (std::size_t i = 0; i < projected.size(); ++i) {
            projected[i] = find(in, "h0").values[row * size.H + i];
        }
        for (std::size_t i = 0; i < size.T; ++i) {
            const std::size_t t = step_at(workload, size, i);
            if (!has_step(workload, in, size, t, row)) {
                continue;
            }
            const ForwardReference::Step step = head.advance(states, projected, t, row);
            const std::size_t at = size.row_at(t, row);
            if (!between_name.empty()) {
                std::copy(step.between.begin(), step.between.end(),
                          output(out, between_name).begin() + static_cast<std::ptrdiff_t>((keeps ? at : row) * D));
            }
            for (std::size_t k = 0; k < D * S; ++k) {
                if (k % S >= first && (k % S == 0 || keeps)) {
                    output(out, cell.states[k % S])[at * D + k / S] = states[k];
                }
            }
            for (std::size_t k = 0; k < projected.size(); ++k) {
                output(out, "h")[at * size.H + k] = projected[k];
            }
            for (std::size_t k = 0; keeps && k < size.K; ++k) {
                output(out, "moments")[at * size.K + k] = step.moments[k];
            }
            for (std::size_t k = 0; training && k < G * D; ++k) {
                const double x = keeps_sums(cell) ? find(in, "x").values[at * G * D + k] : 0.0;
                output(out, "p")[at * G * D + k] = precision.store(x + step.products[k]);
            }
        }
        for (std::size_t i = 0; i < D * S; ++i) {
            if (i % S >= first) {
                output(out, cell.states[i % S] + "T")[row * D + i / S] = states[i];
            }
        }
        for (std::size_t i = 0; i < projected.size(); ++i) {
            output(out, "hT")[row * size.H + i] = projected[i];
        }
    }
    return out;
}

}  // namespace warpsmith
