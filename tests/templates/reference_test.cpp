// The references against values worked out by hand or by a formula of another kind.
#include <gtest/gtest.h>

#include <cmath>

#include "solver/error.hpp"
#include "templates/family.hpp"
#include "templates/random_inputs.hpp"

namespace warpsmith {
namespace {

Tensors named(const Family& family, const Workload& w, const std::vector<std::vector<double>>& values) {
    Tensors inputs;
    for (const TensorSpec& spec : family.tensors(w)) {
        if (spec.role == Role::input) {
            inputs.push_back({spec, values[inputs.size()]});
        }
    }
    return inputs;
}

Tensors reference(const std::string& text, const std::vector<std::vector<double>>& inputs) {
    Workload w = parse_workload(text, families());
    const Family& family = find_family(w.family);
    return family.reference(w, named(family, w, inputs), {});
}

double sig(double x) {
    return 1 / (1 + std::exp(-x));
}

TEST(Reference, ScanFollowsItsRecurrenceInBothDirections) {
    // a, b, h0: h1 = 0.5 * 4 + 1, h2 = 2 * 3 - 1
    Tensors forward = reference("scan T=2 B=1 D=1 dtype=f32", {{0.5, 2}, {1, -1}, {4}});
    EXPECT_EQ(find(forward, "h").values, (std::vector<double>{3, 5}));
    Tensors reverse = reference("scan T=2 B=1 D=1 dtype=f32 direction=reverse", {{0.5, 2}, {1, -1}, {4}});
    EXPECT_EQ(find(reverse, "h").values, (std::vector<double>{4.5, 7}));
}

TEST(Reference, ElmanMultipliesByRowsOfR) {
    // x, R (row: output unit), bias, h0: h = relu(x + R h0 + bias)
    Tensors out =
        reference("elman T=1 B=1 N=1 D=2 dtype=f32 activation=relu", {{10, -100}, {1, 2, 3, 4}, {0.5, 0}, {1, -1}});
    EXPECT_EQ(find(out, "h").values, (std::vector<double>{10 - 1 + 0.5, 0}));
}

TEST(Reference, LstmIsItsFiveEquations) {
    // One unit: gates i, f, g, o see x + R h0 + bias.
    Tensors out =
        reference("lstm T=1 B=1 N=1 D=1 dtype=f32", {{1, 2, 3, 4}, {1, 1, 1, 1}, {0, 0, 0, -2}, {0.5}, {0.25}});
    double c = sig(2.5) * 0.25 + sig(1.5) * std::tanh(3.5);
    EXPECT_DOUBLE_EQ(find(out, "cT").values[0], c);
    EXPECT_DOUBLE_EQ(find(out, "hT").values[0], sig(2.5) * std::tanh(c));
}

TEST(Reference, GruResetsAfterTheProduct) {
    Tensors out = reference("gru T=1 B=1 N=1 D=1 dtype=f32", {{1, 2, 3}, {1, 1, 4}, {0, 0, 7}, {0.5}});
    double reset = sig(1.5), update = sig(2.5), candidate = std::tanh(3 + reset * (4 * 0.5 + 7));
    EXPECT_NEAR(find(out, "h").values[0], (1 - update) * candidate + update * 0.5, 1e-15);
}

TEST(Reference, SlstmWithoutStabiliserGivesTheSameOutput) {
    // With plain exponentials: c = f c + i z, n = f n + i, h = o c / n, where c and n are scaled by exp(-m).
    double c0 = 0.3, n0 = 0.7, m0 = 0.1, f = sig(2.5), i = std::exp(1.5);
    Tensors out = reference("slstm T=1 B=1 N=1 D=1 dtype=f32",
                            {{1, 2, 3, 4}, {1, 1, 1, 1}, {0, 0, 0, 0}, {0.5}, {c0}, {n0}, {m0}});
    double c = f * c0 * std::exp(m0) + i * std::tanh(3.5), n = f * n0 * std::exp(m0) + i;
    EXPECT_NEAR(find(out, "h").values[0], sig(4.5) * c / n, 1e-15);
    double m = find(out, "mT").values[0];
    EXPECT_NEAR(find(out, "nT").values[0] * std::exp(m), n, 1e-12);
}

TEST(Reference, AttentionOverEqualKeysIsTheMeanOfTheValuesItSees) {
    // Keys of zero: every score is 0, so query i averages values 0 .. i and its denominator is i + 1.
    Tensors out =
        reference("attention L=3 B=1 Hq=1 Hkv=1 D=1 dtype=f32 mask=causal", {{1, 2, 3}, {0, 0, 0}, {3, 5, 10}});
    EXPECT_EQ(find(out, "o").values, (std::vector<double>{3, 4, 6}));
    EXPECT_NEAR(find(out, "lse").values[2], std::log(3.0), 1e-15);
}

TEST(Reference, AttentionGroupsQueryHeadsOverKeyHeads) {
    // Four query heads, two key heads with values 1 and 2: heads 0, 1 read the first and 2, 3 the second.
    Tensors out = reference("attention L=1 B=1 Hq=4 Hkv=2 D=1 dtype=f32", {{1, 1, 1, 1}, {0, 0}, {1, 2}});
    EXPECT_EQ(find(out, "o").values, (std::vector<double>{1, 1, 2, 2}));
    EXPECT_THROW(reference("attention L=1 B=1 Hq=3 Hkv=2 D=1 dtype=f32", {{1, 1, 1}, {0, 0}, {1, 2}}), Error);
}

TEST(Reference, RecurrentWeightsMultiplyByTheStateOfTheStepBefore) {
    // Two steps of one sequence, two gates of one unit: dr, h0, h; the last h has no step after it.
    Tensors out = reference("recurrent_weights T=2 B=1 N=1 G=2 D=1 dtype=f32", {{1, 2, 3, 4}, {10}, {100, 1000}});
    EXPECT_EQ(find(out, "dR").values, (std::vector<double>{1 * 10 + 3 * 100, 2 * 10 + 4 * 100}));
    EXPECT_EQ(find(out, "dbias").values, (std::vector<double>{1 + 3, 2 + 4}));
    // In reverse the first h has no step after it.
    Tensors back = reference("recurrent_weights T=2 B=1 N=1 G=2 D=1 dtype=f32 direction=reverse",
                             {{1, 2, 3, 4}, {10}, {100, 1000}});
    EXPECT_EQ(find(back, "dR").values, (std::vector<double>{1 * 1000 + 3 * 10, 2 * 1000 + 4 * 10}));
}

TEST(Reference, RecurrentWeightsSumOverSequencesAndKeepHeadsApart) {
    // One step, two sequences, two heads of two units, one gate.
    Tensors out = reference("recurrent_weights T=1 B=2 N=2 G=1 D=2 dtype=f32",
                            {{1, 2, 3, 4, 5, 6, 7, 8}, {1, 0, 0, 1, 0, 10, 10, 0}, {0, 0, 0, 0, 0, 0, 0, 0}});
    EXPECT_EQ(find(out, "dR").values, (std::vector<double>{1, 50, 2, 60, 70, 3, 80, 4}));
    EXPECT_EQ(find(out, "dbias").values, (std::vector<double>{6, 8, 10, 12}));
}

TEST(RandomInputs, DependOnSeedAndNameAloneAndAreRepresentable) {
    TensorSpec spec{"a", Role::input, DType::bf16, "D", {1000}};
    Tensor tensor = random_tensor(spec, -1, 1, 7);
    EXPECT_EQ(tensor.values, random_tensor(spec, -1, 1, 7).values);
    EXPECT_NE(tensor.values, random_tensor(spec, -1, 1, 8).values);
    spec.name = "b";
    EXPECT_NE(tensor.values, random_tensor(spec, -1, 1, 7).values);
    for (double value : tensor.values) {
        EXPECT_EQ(value, round_to(DType::bf16, value));
        EXPECT_LE(std::fabs(value), 1);
    }
}

}  // namespace
}  // namespace warpsmith
