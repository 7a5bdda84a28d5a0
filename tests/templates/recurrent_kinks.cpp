// What the reference of the backward pass makes of maxima whose sides are nearly equal, and how exact its slopes are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "templates/family.hpp"
#include "templates/recurrent/unit_derivative.hpp"

namespace warpsmith {
namespace {

// Gradients of one unit and step, without a product. Inputs that are not named are zero.
std::map<std::string, std::vector<double>> gradients(const std::string& cell,
                                                     const std::map<std::string, std::vector<double>>& given,
                                                     Precision precision = {}) {
    const Workload w = parse_workload(cell + " T=1 B=1 N=1 D=1 dtype=f32 pass=backward", families());
    const Family& family = find_family(w.family);
    Tensors inputs = family.inputs(w, 1);
    for (Tensor& tensor : inputs) {
        std::ranges::fill(tensor.values, 0.0);
        if (const auto found = given.find(tensor.spec.name); found != given.end()) {
            tensor.values = found->second;
        }
    }
    std::map<std::string, std::vector<double>> named;
    for (const Tensor& tensor : family.reference(w, inputs, precision)) {
        named[tensor.spec.name] = tensor.values;
    }
    return named;
}

constexpr Precision kOtherSide{.other_side = true};

TEST(RecurrentKinks, AtReluOfZeroTheSlopeIsZeroAndOnTheOtherSideOne) {
    const std::string relu = "elman activation=relu";
    EXPECT_EQ(gradients(relu, {{"p", {0}}, {"dh", {3}}}).at("dx")[0], 0);
    EXPECT_NEAR(gradients(relu, {{"p", {0}}, {"dh", {3}}}, kOtherSide).at("dx")[0], 3, 1e-9);
    EXPECT_NEAR(gradients(relu, {{"p", {1e-7}}, {"dh", {3}}}).at("dx")[0], 3, 1e-9);
    EXPECT_NEAR(gradients(relu, {{"p", {1e-7}}, {"dh", {3}}}, kOtherSide).at("dx")[0], 0, 1e-9);
    EXPECT_NEAR(gradients(relu, {{"p", {1e-3}}, {"dh", {3}}}, kOtherSide).at("dx")[0], 3, 1e-9)
        << "rounding does not cross a kink that is far";
}

// The two of the stabiliser of sLSTM, m = max(i, log sigmoid(f) + m0), so far apart: i is the larger one.
std::map<std::string, std::vector<double>> slstm(double apart, Precision precision = {}) {
    const double m0 = 0.7, f = 0.3, forget = m0 - std::log1p(std::exp(-f));
    return gradients("slstm",
                     {{"p", {forget + apart, f, 0.4, -0.2}},
                      {"c0", {0.9}},
                      {"n0", {2.0}},
                      {"m0", {m0}},
                      {"dh", {-0.5}},
                      {"dcT", {0.2}},
                      {"dnT", {0.1}},
                      {"dmT", {-0.8}}},
                     precision);
}

void expect_close(const std::map<std::string, std::vector<double>>& gradients,
                  const std::map<std::string, std::vector<double>>& others, double distance) {
    for (const auto& [name, values] : gradients) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            EXPECT_NEAR(values[i], others.at(name)[i], distance) << name << " " << i;
        }
    }
}

TEST(RecurrentKinks, NearlyEqualSidesOfAMaximumHaveTheSlopesOfTheLargerOne) {
    for (const double apart : {1e-8, 1e-7, 1e-6, 1e-5, 1e-4}) {
        for (const double sign : {1.0, -1.0}) {
            SCOPED_TRACE(sign * apart);
            expect_close(slstm(sign * apart), slstm(sign * 0.01), 0.02);
        }
    }
    EXPECT_GT(std::abs(slstm(0.01).at("dm0")[0] - slstm(-0.01).at("dm0")[0]), 0.1) << "both sides are different";
}

TEST(RecurrentKinks, WhatRoundingMayCrossHasTheSlopesOfTheSmallerOneOnTheOtherSide) {
    for (const double apart : {1e-8, 1e-7, -1e-8, -1e-7}) {
        SCOPED_TRACE(apart);
        expect_close(slstm(apart, kOtherSide), slstm(apart > 0 ? -0.01 : 0.01), 0.02);
    }
    for (const double apart : {1e-5, 1e-3, -1e-5, -1e-3}) {
        SCOPED_TRACE(apart);
        expect_close(slstm(apart, kOtherSide), slstm(apart), 0);
    }
}

// dc/df = c f (1 - f) of an LSTM whose cell state is large and whose forget gate is nearly one: of numbers that
// differences of c do not show.
TEST(RecurrentKinks, SlopesOfLargeStatesAreExact) {
    for (const double c : {1.0, 1e3, 1e5}) {
        const double forget = 1 / (1 + std::exp(-9.0)), slope = c * forget / (1 + std::exp(9.0));
        const auto found = gradients("lstm", {{"p", {-40, 9, 0, -40}}, {"c0", {c}}, {"dcT", {1}}});
        EXPECT_NEAR(found.at("dx")[1] / slope, 1, 1e-6) << c;
        EXPECT_NEAR(found.at("dc0")[0] / forget, 1, 1e-8) << c;
    }
}

// A step of one unit with one input, sigmoid(40 x): from points as far apart as those of other cells its slope would be
// off by a thousandth.
TEST(RecurrentKinks, SteeplyCurvedCellsHaveExactSlopes) {
    const RecurrentCell cell{.name = "steep", .summary = "", .gates = {"g"}, .states = {"h"}};
    const Workload w = parse_workload("elman T=1 B=1 N=1 D=1 dtype=f32 pass=backward", families());
    const recurrent_reference::Sizes size(cell, w, {});
    const recurrent_reference::UnitDerivative unit(
        size,
        [](const CellInput& in, double* state, const Precision&) {
            state[0] = sigmoid(40 * (in.x[0] + in.product[0]));
        },
        Precision{});
    for (const double x : {-0.1, 0.0, 0.02, 0.05}) {
        const double h = sigmoid(40 * x);
        EXPECT_NEAR(unit.reversed({x, 0, 0}, {1})[0], 40 * h * (1 - h), 1e-7) << x;
    }
}

}  // namespace
}  // namespace warpsmith
