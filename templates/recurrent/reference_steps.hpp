// What the references of both passes have in common: where a step's values lie, what a sequence has, and moments.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "templates/recurrent/cell.hpp"

namespace warpsmith::recurrent_reference {

struct Sizes {
    std::size_t T, B, N, D, G, X, R, S, P, K, H;  // R: products that a step takes in; H: values of h
    bool batch_first;
    std::vector<std::size_t> starts = {};  // where sequences are packed

    // Throws Error where packed sequences cannot start as they say.
    Sizes(const RecurrentCell& cell, const Workload& w, const Tensors& in);

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
Tensors make_outputs(const std::vector<TensorSpec>& tensors);

std::vector<double>& output(Tensors& out, const std::string& name);

// Steps that the sequence of a row of [B,N] has.
std::size_t length_of(const Workload& w, const Tensors& in, const Sizes& size, std::size_t row);

// Whether there is a step t of the sequence of a row of [B,N] in tensors of all steps.
bool has_step(const Workload& w, const Tensors& in, const Sizes& size, std::size_t t, std::size_t row);

// Whether the sequence of a row of [B,N] begins anew at step t.
bool begins_anew(const Workload& w, const Tensors& in, const Sizes& size, std::size_t t, std::size_t row);

// Which step comes i-th in the forward pass.
std::size_t step_at(const Workload& w, const Sizes& size, std::size_t i);

// The parameters of one unit of one head.
std::vector<double> unit_parameters(const Tensors& in, const Sizes& size, std::size_t n, std::size_t d);

// A factor of a product with R: where it is not to be exact as tensor cores take it in, else as it is.
class Factors {
  public:
    Factors(const Workload& w, const Precision& precision);
    double rounded(double factor) const;

  private:
    int bits_ = 0;  // of a rounded factor, the hidden one included; 0: all
};

struct Moments {
    double mean = 0, inverse_deviation = 0;

    double normalised(double value) const { return (value - mean) * inverse_deviation; }
    // From that by the normalised value, and the means over all values of it and of its products with them.
    double gradient(double by_normalised, double normalised, double mean_gradient, double mean_product) const {
        return inverse_deviation * (by_normalised - mean_gradient - normalised * mean_product);
    }
};

Moments moments_of(std::span<const double> values, const Precision& precision);

}  // namespace warpsmith::recurrent_reference
