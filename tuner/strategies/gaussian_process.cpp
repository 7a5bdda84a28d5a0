#include "tuner/strategies/gaussian_process.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "tuner/strategies/draws.hpp"

namespace warpsmith {
namespace {

// What is known of lengths and noise before anything is observed, as normal distributions of their logarithms:
// measurements repeat within some percent of the spread of all times.
constexpr double kLogLengthDeviation = 1;
constexpr double kLogNoise = -6.9, kLogNoiseDeviation = 1.5, kLeastLogNoise = -11.5;

constexpr double kLeast = 1e-9;
constexpr std::size_t kFewest = 15;
constexpr std::size_t kMostClimbs = 60;  // to find better ones, each a step from the best so far
constexpr double kOneStep = 1.05, kAllStep = 0.28;

constexpr double kWeightOfPriorMean = 1e-3;  // as much as a thousandth of an observation, at 0

double squared(double value) {
    return value * value;
}

// In several sums, which vector registers hold.
double dot(const double* a, const double* b, std::size_t count) {
    constexpr std::size_t kLanes = 8;
    std::array<double, kLanes> sums{};
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            sums[lane] += a[i + lane] * b[i + lane];
        }
    }
    double sum = 0;
    for (; i < count; ++i) {
        sum += a[i] * b[i];
    }
    for (double part : sums) {
        sum += part;
    }
    return sum;
}

// Lower triangle of a symmetric matrix, row by row, in place; false when it is not positive definite.
bool cholesky(std::vector<double>& matrix, std::size_t rows) {
    for (std::size_t i = 0; i < rows; ++i) {
        double* row = &matrix[i * rows];
        for (std::size_t j = 0; j <= i; ++j) {
            const double* other = &matrix[j * rows];
            const double sum = row[j] - dot(row, other, j);
            if (i == j && sum <= 0) {
                return false;
            }
            row[j] = i == j ? std::sqrt(sum) : sum / other[j];
        }
    }
    return true;
}

// The solution x of L L^T x = right, in place.
void solve_factorised(const std::vector<double>& factor, std::vector<double>& right) {
    const std::size_t rows = right.size();
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            right[i] -= factor[i * rows + k] * right[k];
        }
        right[i] /= factor[i * rows + i];
    }
    for (std::size_t i = rows; i-- > 0;) {
        right[i] /= factor[i * rows + i];
        for (std::size_t k = 0; k < i; ++k) {
            right[k] -= factor[i * rows + k] * right[i];
        }
    }
}

}  // namespace

GaussianProcess::GaussianProcess(const Landscape& landscape, double log_length)
    : landscape_(landscape),
      log_length_(log_length),
      parameters_{std::vector<double>(landscape.dimensions(), log_length), kLogNoise} {
    tabulate(parameters_);
}

void GaussianProcess::tabulate(const Parameters& parameters) {
    tables_.resize(landscape_.dimensions());
    for (std::size_t dimension = 0; dimension < tables_.size(); ++dimension) {
        const std::span<const double> distances = landscape_.distances(dimension);
        tables_[dimension].resize(distances.size());
        const double length = std::exp(parameters.log_lengths[dimension]);
        for (std::size_t i = 0; i < distances.size(); ++i) {
            tables_[dimension][i] = std::exp(-distances[i] / length);
        }
    }
}

double GaussianProcess::likeness(const Point& a, const Point& b) const {
    double product = 1;
    for (std::size_t dimension = 0; dimension < tables_.size(); ++dimension) {
        product *= tables_[dimension][a[dimension] * landscape_.levels(dimension) + b[dimension]];
    }
    return product;
}

// Returns how unlikely the observations are with these parameters: minus the logarithm, but for a constant.
double GaussianProcess::factorise(const Parameters& parameters, std::span<const double> values) {
    tabulate(parameters);
    const std::size_t rows = points_.size();
    factor_.assign(rows * rows, 0);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            factor_[i * rows + j] = likeness(points_[i], points_[j]);
        }
        factor_[i * rows + i] += std::exp(parameters.log_noise);
    }
    if (!cholesky(factor_, rows)) {
        return std::numeric_limits<double>::infinity();
    }
    std::vector<double> by_ones(rows, 1);
    weights_.assign(values.begin(), values.end());
    solve_factorised(factor_, by_ones);
    solve_factorised(factor_, weights_);
    double ones = 0, sum = 0, log_determinant = 0, fit = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        ones += by_ones[i];
        sum += weights_[i];
        log_determinant += 2 * std::log(factor_[i * rows + i]);
    }
    mean_ = sum / (ones + kWeightOfPriorMean);
    for (std::size_t i = 0; i < rows; ++i) {
        weights_[i] -= mean_ * by_ones[i];
        fit += weights_[i] * (values[i] - mean_);
    }
    const double variance = (fit + 1) / (static_cast<double>(rows) + 1);  // one observation more, of variance 1
    deviation_ = std::sqrt(variance);
    double unlikely = 0.5 * (static_cast<double>(rows) * std::log(variance) + log_determinant);
    for (std::size_t i = 0; i < parameters.log_lengths.size(); ++i) {
        unlikely += 0.5 * squared((parameters.log_lengths[i] - log_length_) / kLogLengthDeviation);
    }
    return unlikely + 0.5 * squared((parameters.log_noise - kLogNoise) / kLogNoiseDeviation);
}

void GaussianProcess::improve(std::span<const double> values, RandomStream& random) {
    const int attempts =
        static_cast<int>(std::max(kFewest, kMostClimbs * 40 / std::max<std::size_t>(40, points_.size())));
    double least = factorise(parameters_, values);
    for (int attempt = 0; attempt < attempts; ++attempt) {
        Parameters changed = parameters_;
        const std::size_t count = changed.log_lengths.size() + 1;
        const bool one = uniform(random) < 0.5;
        const std::size_t only = below(random, count);
        for (std::size_t i = 0; i < count; ++i) {
            double& parameter = i + 1 < count ? changed.log_lengths[i] : changed.log_noise;
            parameter += !one ? kAllStep * normal(random) : i == only ? kOneStep * normal(random) : 0;
        }
        changed.log_noise = std::max(changed.log_noise, kLeastLogNoise);
        if (const double unlikely = factorise(changed, values); unlikely < least) {
            least = unlikely;
            parameters_ = changed;
        }
    }
}

void GaussianProcess::observe(std::vector<Point> points, std::span<const double> values, RandomStream* random) {
    points_ = std::move(points);
    if (random != nullptr) {
        improve(values, *random);
    }
    while (!std::isfinite(factorise(parameters_, values))) {
        parameters_.log_noise += 1;
    }
}

Expectation GaussianProcess::bound(const Point& point) const {
    Expectation bound{.mean = mean_};
    double most = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
        const double alike = likeness(points_[i], point);
        bound.mean += weights_[i] * alike;
        most = std::max(most, alike);
    }
    bound.deviation = deviation_ * std::sqrt(std::max(1 - most * most / (1 + std::exp(parameters_.log_noise)), kLeast));
    return bound;
}

std::vector<Expectation> GaussianProcess::expect(std::span<const Point* const> points) const {
    constexpr std::size_t kBlock = 16;  // the inner loops run over points, in vector registers
    using Block = std::array<double, kBlock>;
    const std::size_t rows = points_.size();
    std::vector<Expectation> expectations;
    std::vector<Block> solved(rows);
    for (std::size_t first = 0; first < points.size(); first += kBlock) {
        const std::size_t width = std::min(kBlock, points.size() - first);
        Block means{}, explained{};
        for (std::size_t i = 0; i < rows; ++i) {
            Block row{};
            for (std::size_t c = 0; c < width; ++c) {
                row[c] = likeness(points_[i], *points[first + c]);
                means[c] += weights_[i] * row[c];
            }
            const double* factor = &factor_[i * rows];
            for (std::size_t k = 0; k < i; ++k) {
                for (std::size_t c = 0; c < kBlock; ++c) {
                    row[c] -= factor[k] * solved[k][c];
                }
            }
            for (std::size_t c = 0; c < kBlock; ++c) {
                solved[i][c] = row[c] / factor[i];
                explained[c] += solved[i][c] * solved[i][c];
            }
        }
        for (std::size_t c = 0; c < width; ++c) {
            expectations.push_back({mean_ + means[c], deviation_ * std::sqrt(std::max(1 - explained[c], kLeast))});
        }
    }
    return expectations;
}

}  // namespace warpsmith
