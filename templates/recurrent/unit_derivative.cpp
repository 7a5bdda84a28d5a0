#include "templates/recurrent/unit_derivative.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace warpsmith::recurrent_reference {
namespace {

// Of differences of fourth order: their own error, and what rounding makes of the states', are some 1e-12 of them.
// A power of two, so that the points are exact.
constexpr double kStep = 0x1p-10;

// Kinks that are closer than this may be on the other side after rounding to f32, which is what kernels compute in.
constexpr double kNear = 1e-6;

bool agree(double slope, double other) {  // false where one is NaN
    return std::abs(slope - other) < 1e-5 * (1 + std::abs(slope) + std::abs(other));
}

bool agree(const std::vector<double>& slopes, const std::vector<double>& others) {
    return std::equal(slopes.begin(), slopes.end(), others.begin(), [](double a, double b) { return agree(a, b); });
}

std::vector<double> mean(std::vector<double> slopes, const std::vector<double>& others) {
    std::transform(slopes.begin(), slopes.end(), others.begin(), slopes.begin(),
                   [](double a, double b) { return (a + b) / 2; });
    return slopes;
}

double steepness(const std::vector<double>& slopes) {
    double sum = 0;
    for (double slope : slopes) {
        sum += std::abs(slope);
    }
    return sum;
}

// What is computed of inputs that are rounded on the way is the result of inputs that are a little off.
void move_by_half_a_unit(std::vector<double>& at) {
    const double half_a_unit = std::ldexp(1.0, -24);
    for (std::size_t i = 0; i < at.size(); ++i) {
        at[i] *= i % 2 == 0 ? 1 + half_a_unit : 1 - half_a_unit;
    }
}

}  // namespace

UnitDerivative::UnitDerivative(const Sizes& size, CellStep step, Precision precision)
    : size_(size), step_(std::move(step)), precision_(precision) {}

std::vector<double> UnitDerivative::reversed(std::vector<double> at, const std::vector<double>& gradient) const {
    if (in_f32()) {
        move_by_half_a_unit(at);
    }
    std::vector<double> result(at.size());
    const States here = states_after(at);
    for (std::size_t i = 0; i < at.size(); ++i) {
        const States slopes = slopes_by(at, i, here);
        for (std::size_t s = 0; s < size_.S; ++s) {
            result[i] = precision_.store(result[i] + precision_.store(rounded(slopes[s]) * gradient[s]));
        }
    }
    return result;
}

// Of the states after the step, `here` at `at`, by at[i].
UnitDerivative::States UnitDerivative::slopes_by(States& at, std::size_t i, const States& here) const {
    const States above = after_moving(at, i, kStep), far_above = after_moving(at, i, 2 * kStep);
    const States below = after_moving(at, i, -kStep), far_below = after_moving(at, i, -2 * kStep);
    States slopes(size_.S);
    for (std::size_t s = 0; s < size_.S; ++s) {
        const double upwards = (4 * above[s] - far_above[s] - 3 * here[s]) / (2 * kStep);
        const double downwards = (3 * here[s] + far_below[s] - 4 * below[s]) / (2 * kStep);
        slopes[s] = (8 * (above[s] - below[s]) - (far_above[s] - far_below[s])) / (12 * kStep);
        if (!agree(upwards, downwards) || !agree(slopes[s], (above[s] - below[s]) / (2 * kStep))) {
            return slopes_at_kink(at, i, here);
        }
    }
    return slopes;
}

// Where a kink is near, on one side, the slopes are those of the other one. Where it is here, as far as can be told,
// they are the less steep ones, as kernels have it at relu's. All are of the same side.
UnitDerivative::States UnitDerivative::slopes_at_kink(States& at, std::size_t i, const States& here) const {
    Side above = one_side(at, i, here, kStep), below = one_side(at, i, here, -kStep);
    const double near = kNear * std::max(1.0, std::abs(at[i]));
    if (!above.is_smooth && !below.is_smooth) {  // kinks on both sides, or the cell is steeply curved
        above = {secant(at, i, here, near / 10), true};
        below = {secant(at, i, here, -near / 10), true};
        if (agree(above.slopes, below.slopes)) {
            return mean(above.slopes, below.slopes);
        }
    }
    bool is_below = below.is_smooth;
    if (above.is_smooth && below.is_smooth) {  // the kink is where neither sees it
        const bool goes_on_below = agree(secant(at, i, here, near / 1000), below.slopes);
        const bool goes_on_above = agree(secant(at, i, here, -near / 1000), above.slopes);
        const bool is_here = goes_on_below == goes_on_above;
        is_below = is_here ? steepness(below.slopes) < steepness(above.slopes) : goes_on_below;
    }
    States slopes = std::move((is_below ? below : above).slopes);
    if (precision_.other_side && !agree(secant(at, i, here, is_below ? near : -near), slopes)) {
        return beyond_kink(at, i, is_below ? kStep : -kStep);
    }
    return slopes;
}

UnitDerivative::Side UnitDerivative::one_side(States& at, std::size_t i, const States& here, double step) const {
    const auto [first, second, third, fourth] = four_points(at, i, step);
    States slopes(size_.S), of_two(size_.S);
    for (std::size_t s = 0; s < size_.S; ++s) {
        slopes[s] = (48 * first[s] - 25 * here[s] - 36 * second[s] + 16 * third[s] - 3 * fourth[s]) / (12 * step);
        of_two[s] = (4 * first[s] - second[s] - 3 * here[s]) / (2 * step);
    }
    const bool is_smooth = agree(slopes, of_two);
    return {std::move(slopes), is_smooth};
}

// The slopes there would be here if what is beyond the kink went on to here.
UnitDerivative::States UnitDerivative::beyond_kink(States& at, std::size_t i, double step) const {
    const auto [first, second, third, fourth] = four_points(at, i, step);
    States slopes(size_.S);
    for (std::size_t s = 0; s < size_.S; ++s) {
        slopes[s] = (57 * second[s] - 26 * first[s] - 42 * third[s] + 11 * fourth[s]) / (6 * step);
    }
    return slopes;
}

UnitDerivative::States UnitDerivative::secant(States& at, std::size_t i, const States& here, double distance) const {
    States slopes = after_moving(at, i, distance);
    for (std::size_t s = 0; s < size_.S; ++s) {
        slopes[s] = (slopes[s] - here[s]) / distance;
    }
    return slopes;
}

std::array<UnitDerivative::States, 4> UnitDerivative::four_points(States& at, std::size_t i, double step) const {
    return {after_moving(at, i, step), after_moving(at, i, 2 * step), after_moving(at, i, 3 * step),
            after_moving(at, i, 4 * step)};
}

UnitDerivative::States UnitDerivative::after_moving(States& at, std::size_t i, double distance) const {
    const double middle = at[i];
    at[i] = middle + distance;
    States states = states_after(at);
    at[i] = middle;
    return states;
}

UnitDerivative::States UnitDerivative::states_after(const States& at) const {
    States states(at.begin() + static_cast<std::ptrdiff_t>(size_.X + size_.R),
                  at.begin() + static_cast<std::ptrdiff_t>(size_.X + size_.R + size_.S));
    const double* first = at.data();
    step_({first, first + size_.X, first + size_.X + size_.R + size_.S}, states.data(), Precision{});
    return states;
}

// Rounded to f32, which is what kernels compute in whatever the dtype.
bool UnitDerivative::in_f32() const {
    return !precision_.exact && precision_.dtype == DType::f32;
}

// In f32 slopes of sigmoid and tanh are as exact as a difference from one is: s (1 - s), 1 - t t.
double UnitDerivative::rounded(double slope) const {
    return in_f32() ? precision_.store(precision_.store(1 + slope) - 1) : precision_.store(slope);
}

}  // namespace warpsmith::recurrent_reference
