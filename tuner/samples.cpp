#include "tuner/samples.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace warpsmith {
namespace {

constexpr double kNormalQuantile = 1.96;  // of 97.5 %

std::vector<double> sorted(std::span<const double> samples) {
    std::vector<double> values(samples.begin(), samples.end());
    std::sort(values.begin(), values.end());
    return values;
}

}  // namespace

double median(std::span<const double> samples) {
    if (samples.empty()) {
        return 0;
    }
    const std::vector<double> values = sorted(samples);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Interval median_interval(std::span<const double> samples) {
    if (samples.empty()) {
        return {};
    }
    const std::vector<double> values = sorted(samples);
    const double count = static_cast<double>(values.size());
    const double reach = kNormalQuantile * std::sqrt(count);
    const double low_rank = std::max(1.0, std::floor((count - reach) / 2));  // the first sample has rank 1
    const double high_rank = std::min(count, std::ceil(1 + (count + reach) / 2));
    return {.low = values[static_cast<std::size_t>(low_rank) - 1],
            .high = values[static_cast<std::size_t>(high_rank) - 1]};
}

}  // namespace warpsmith
