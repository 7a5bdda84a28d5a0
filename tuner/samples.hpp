// What repeated measurements of one time say.
#pragma once

#include <span>

namespace warpsmith {

// The middle sample, or the mean of the middle two; 0 of none.
double median(std::span<const double> samples);

// Between which samples the median of all possible ones lies, with 95 % confidence, whatever their distribution: the
// order statistics of ranks (n - 1.96 sqrt(n)) / 2 and 1 + (n + 1.96 sqrt(n)) / 2 (Conover, Practical Nonparametric
// Statistics, 3.2). Of fewer than six samples, all of them; zeros of none.
struct Interval {
    double low = 0, high = 0;
};
Interval median_interval(std::span<const double> samples);

}  // namespace warpsmith
