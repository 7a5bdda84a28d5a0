#include "tuner/strategies/landscape.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace warpsmith {
namespace {

// More values than this share levels with their neighbours: tables of distances stay small.
constexpr std::size_t kMaxLevels = 256;

// What a time depends on varies: a size by its ratio, a depth by steps, an alignment by the powers of two in it. All
// are therefore in the distance, and that two values differ at all, so that no neighbour is taken for granted.
constexpr double kByOrder = 0.5;
constexpr double kByRatio = 0.5;
constexpr double kByAlignment = 0.3;
constexpr double kByBeingDifferent = 0.3;

bool is_text(const Value& value) {
    return std::holds_alternative<std::string>(value);
}

double number(const Value& value) {
    const auto* integer = std::get_if<std::int64_t>(&value);
    return integer != nullptr ? static_cast<double>(*integer) : std::get<double>(value);
}

// How often 2 divides it.
double alignment(const Value& value) {
    const auto* integer = std::get_if<std::int64_t>(&value);
    double twos = 0;
    for (std::int64_t rest = integer == nullptr ? 0 : *integer; rest != 0 && rest % 2 == 0; rest /= 2) {
        ++twos;
    }
    return twos;
}

// From 0 to 1.
void normalise(std::vector<double>& coordinates) {
    const auto [low, high] = std::ranges::minmax(coordinates);
    for (double& coordinate : coordinates) {
        coordinate = high > low ? (coordinate - low) / (high - low) : 0;
    }
}

// Of one value of each level, in order.
std::vector<double> distances_between(const std::vector<Value>& values) {
    const std::size_t levels = values.size();
    std::vector<double> distances(levels * levels);
    const bool texts = std::ranges::any_of(values, is_text);
    std::vector<double> order(levels), ratio(levels), aligned(levels);
    for (std::size_t level = 0; level < levels && !texts; ++level) {
        order[level] = static_cast<double>(level);
        ratio[level] = number(values[level]);
        aligned[level] = alignment(values[level]);
    }
    const bool positive = !texts && std::ranges::min(ratio) > 0;
    for (std::size_t level = 0; level < levels; ++level) {
        ratio[level] = positive ? std::log(ratio[level]) : order[level];
    }
    for (std::vector<double>* coordinates : {&order, &ratio, &aligned}) {
        normalise(*coordinates);
    }
    for (std::size_t a = 0; a < levels; ++a) {
        for (std::size_t b = 0; b < levels; ++b) {
            const double apart = kByOrder * std::abs(order[a] - order[b]) + kByRatio * std::abs(ratio[a] - ratio[b]);
            const double many = levels > 2 ? kByAlignment * std::abs(aligned[a] - aligned[b]) + kByBeingDifferent : 0;
            distances[a * levels + b] = a == b ? 0 : texts ? 1 : apart + many;
        }
    }
    return distances;
}

}  // namespace

Landscape::Landscape(const SolutionSet& set, bool powers_of_two) {
    const std::vector<Variable>& variables = set.scope()->variables;
    for (std::size_t variable = 0; variable < variables.size(); ++variable) {
        const std::vector<std::uint32_t> possible = set.possible(variable);
        if (possible.size() < 2) {
            continue;
        }
        Axis axis{
            .variable = variable, .levels = std::min(possible.size(), kMaxLevels), .level_of = {}, .distances = {}};
        axis.level_of.resize(variables[variable].values.size());
        std::vector<Value> values;
        for (std::size_t place = 0; place < possible.size(); ++place) {
            const std::size_t level = place * axis.levels / possible.size();
            axis.level_of[possible[place]] = static_cast<std::uint16_t>(level);
            if (level == values.size()) {
                values.push_back(variables[variable].values[possible[place]]);
            }
        }
        axis.distances = distances_between(values);
        axes_.push_back(std::move(axis));
        if (powers_of_two) {
            add_powers_of_two(variables[variable], variable, possible);
        }
    }
}

// Where some of three or more values are powers of two and others are not.
void Landscape::add_powers_of_two(const Variable& variable, std::size_t place,
                                  std::span<const std::uint32_t> possible) {
    Axis axis{.variable = place, .levels = 2, .level_of = {}, .distances = {0, 1, 1, 0}};
    axis.level_of.resize(variable.values.size());
    std::size_t powers = 0;
    for (std::uint32_t value : possible) {
        const auto* integer = std::get_if<std::int64_t>(&variable.values[value]);
        const bool power = integer != nullptr && *integer > 0 && (*integer & (*integer - 1)) == 0;
        axis.level_of[value] = power ? 1 : 0;
        powers += power ? 1 : 0;
    }
    if (possible.size() > 2 && powers > 0 && powers < possible.size()) {
        axes_.push_back(std::move(axis));
    }
}

Point Landscape::point(const Choices& choices) const {
    Point point;
    point.reserve(axes_.size());
    for (const Axis& axis : axes_) {
        point.push_back(axis.level_of[choices[axis.variable]]);
    }
    return point;
}

}  // namespace warpsmith
