// A forward pass that keeps states alone leaves what the backward pass takes in but p, and p is one matrix product.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "templates/family.hpp"
#include "tests/templates/test_name.hpp"

namespace warpsmith {
namespace {

class RecurrentStates : public testing::TestWithParam<std::string> {
  protected:
    Workload workload(const std::string& pass) const {
        return parse_workload(GetParam() + " T=4 B=3 N=2 D=5 dtype=f32 pass=" + pass, families());
    }
    const Family& family_ = find_family(GetParam().substr(0, GetParam().find(' ')));
    const Workload states_ = workload("states"), training_ = workload("training");
    const Tensors inputs_ = family_.inputs(training_, 1);
    const Tensors of_states_ = family_.reference(states_, inputs_, {}),
                  of_training_ = family_.reference(training_, inputs_, {});
};

TEST_P(RecurrentStates, AreThoseOfTraining) {
    EXPECT_EQ(of_states_.size() + 1, of_training_.size());
    for (const Tensor& kept : of_states_) {
        EXPECT_NE(kept.spec.name, "p");
        EXPECT_EQ(kept.values, find(of_training_, kept.spec.name).values) << kept.spec.name;
    }
}

INSTANTIATE_TEST_SUITE_P(Cells, RecurrentStates,
                         testing::Values("lstm", "gru direction=reverse lengths=given", "gru_reset_before",
                                         "layer_norm_lstm", "leaky resets=given", "sru layout=bt",
                                         "lstm_projected H=3"),
                         test_name_of);

// p of cells that use x and the product in their sum alone, and of one that does not.
TEST(RecurrentStates, GiveTheSumsAgainByOneProductWithTheWeights) {
    for (const std::string cell : {"lstm", "gru"}) {
        const Workload training = parse_workload(cell + " T=4 B=3 N=2 D=5 dtype=f32 pass=training", families());
        const Family& family = find_family(cell);
        const Tensors inputs = family.inputs(training, 1), outputs = family.reference(training, inputs, {});
        const std::vector<double>&R = find(inputs, "R").values, &bias = find(inputs, "bias").values,
              &h = find(outputs, "h").values, &h0 = find(inputs, "h0").values, &p = find(outputs, "p").values,
              &x = find(inputs, "x").values;
        const std::size_t D = 5, GD = family.gates.size() * D, N = 2, rows = 3 * N;
        for (std::size_t i = 0; i < p.size(); ++i) {
            const std::size_t row = i / GD, gate = row % N * GD + i % GD;
            const double* before = row < rows ? &h0[row * D] : &h[(row - rows) * D];
            double sum = bias[gate] + (cell == "lstm" ? x[i] : 0.0);
            for (std::size_t k = 0; k < D; ++k) {
                sum += R[gate * D + k] * before[k];
            }
            ASSERT_NEAR(p[i], sum, 1e-12) << cell << " " << i;
        }
    }
}

}  // namespace
}  // namespace warpsmith
