// Regression by a Gaussian process: what is to be expected of a configuration, and how sure that is, given others.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "solver/random_stream.hpp"
#include "tuner/strategies/landscape.hpp"

namespace warpsmith {

struct Expectation {
    double mean = 0;
    double deviation = 0;
};

// Two configurations are alike by the product over all dimensions of exp(-distance / length): a rough process (Matern
// with nu = 1/2), because one step can double a time. Equations: Rasmussen and Williams, "Gaussian Processes for
// Machine Learning", algorithm 2.1; the mean and the variance of the process are those that are most likely.
class GaussianProcess {
  public:
    // The logarithm of every length is taken for `log_length` before anything is observed.
    GaussianProcess(const Landscape& landscape, double log_length);

    // Takes over the observations. With a random stream, also looks for lengths and noise that make them more likely,
    // from the present ones on.
    void observe(std::vector<Point> points, std::span<const double> values, RandomStream* random);

    double likeness(const Point& a, const Point& b) const;

    // The mean, with a deviation that is at least the true one: as if only the most alike observation told anything.
    Expectation bound(const Point& point) const;

    // Of several points at once, which is faster than one by one; takes much longer than the bound.
    std::vector<Expectation> expect(std::span<const Point* const> points) const;

  private:
    struct Parameters {
        std::vector<double> log_lengths;  // one per dimension
        double log_noise = 0;
    };

    double factorise(const Parameters& parameters, std::span<const double> values);
    void improve(std::span<const double> values, RandomStream& random);
    void tabulate(const Parameters& parameters);

    const Landscape& landscape_;
    double log_length_;
    Parameters parameters_;
    std::vector<std::vector<double>> tables_;  // by dimension: exp(-distance / length), row by row
    std::vector<Point> points_;
    std::vector<double> factor_;   // lower triangle, row by row
    std::vector<double> weights_;  // of the observations in a mean
    double mean_ = 0;
    double deviation_ = 1;
};

}  // namespace warpsmith
