#include "tuner/own_kernel/output_check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace warpsmith {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Of two elements whose bits differ.
double apart(double expected, double computed, bool whole) {
    if (std::isnan(expected) && std::isnan(computed)) {
        return 0;
    }
    const double difference = std::abs(computed - expected);
    if (whole) {
        return std::max(1.0, difference);  // also where a double cannot tell them apart
    }
    return expected == computed ? 0 : std::isfinite(difference) ? difference : kInfinity;
}

}  // namespace

double difference(const OutputCheck& check, const ElementType& type, std::span<const std::byte> expected,
                  std::span<const std::byte> computed) {
    const bool whole = type.name.front() == 'i' || type.name.front() == 'u';
    double most = 0, sum = 0, largest = 0;
    for (std::size_t at = 0; at < expected.size(); at += type.bytes) {
        const double right = type.number(expected.data() + at);
        largest = std::isfinite(right) ? std::max(largest, std::abs(right)) : largest;
        if (std::equal(expected.begin() + static_cast<std::ptrdiff_t>(at),
                       expected.begin() + static_cast<std::ptrdiff_t>(at + type.bytes),
                       computed.begin() + static_cast<std::ptrdiff_t>(at))) {
            continue;
        }
        double difference = apart(right, type.number(computed.data() + at), whole);
        if (check.comparison == Comparison::each_relative && difference > 0) {
            difference = right == 0 ? kInfinity : difference / std::abs(right);
        }
        most = std::max(most, difference);
        sum += difference;
    }
    if (check.comparison == Comparison::sum) {
        return sum;
    }
    return check.comparison == Comparison::to_largest && largest > 0 ? most / largest : most;
}

const char* measure(Comparison comparison) {
    switch (comparison) {
        case Comparison::to_largest:
            return "of its largest value at most";
        case Comparison::each:
            return "at most";
        case Comparison::each_relative:
            return "of the expected value at most";
        case Comparison::sum:
            return "in all";
    }
    return "";
}

}  // namespace warpsmith
