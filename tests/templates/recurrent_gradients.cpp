// The backward pass of every recurrent cell is the derivative of its forward pass.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "templates/family.hpp"
#include "templates/random_inputs.hpp"
#include "tests/templates/test_name.hpp"

namespace warpsmith {
namespace {

// Every family, and some with the options that all have.
std::vector<std::string> recurrent_workloads() {
    std::vector<std::string> names = {"lstm direction=reverse",
                                      "gru direction=reverse lengths=given",
                                      "slstm lengths=given",
                                      "sru direction=reverse lengths=given",
                                      "lstm resets=given",
                                      "gru resets=given direction=reverse lengths=given",
                                      "leaky resets=given lengths=given",
                                      "sru resets=given",
                                      "gru_reset_before resets=given direction=reverse lengths=given",
                                      "layer_norm_lstm resets=given direction=reverse lengths=given",
                                      "lstm lengths=packed",
                                      "gru lengths=packed direction=reverse",
                                      "leaky lengths=packed direction=reverse",
                                      "sru lengths=packed",
                                      "gru_reset_before lengths=packed direction=reverse",
                                      "layer_norm_lstm lengths=packed",
                                      "lstm_projected resets=given direction=reverse lengths=given",
                                      "lstm_projected lengths=packed"};
    for (const Family& family : families()) {
        if (!family.gates.empty()) {
            names.push_back(family.name);
        }
    }
    return names;
}

// Gates whose product takes in h, not u.
std::size_t first_gates(const Family& family) {
    return family.name == "gru_reset_before" ? 2 : family.gates.size();
}

double inner_product(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

Tensor* find_mutable(Tensors& tensors, const std::string& name) {
    for (Tensor& tensor : tensors) {
        if (tensor.spec.name == name) {
            return &tensor;
        }
    }
    return nullptr;
}

// Zero where no sequence has the row, NaN in a reference: what is not there has no part in the loss.
Tensors of_sequences(Tensors tensors) {
    for (Tensor& tensor : tensors) {
        std::ranges::replace_if(
            tensor.values, [](double value) { return std::isnan(value); }, 0.0);
    }
    return tensors;
}

// One family at sizes that are all different: its forward pass, and what its backward pass makes of random gradients of
// the outputs.
class Gradients : public testing::TestWithParam<std::string> {
  protected:
    Gradients() {
        is_reverse_ = forward_.option_or("direction", "forward") == "reverse";
        inputs_ = family_.inputs(forward_, 1);
        outputs_ = family_.reference(forward_, inputs_, {});
        for (const TensorSpec& spec : family_.tensors(backward_)) {
            if (spec.role == Role::output) {
                continue;
            }
            Tensor tensor{spec};
            if (const Tensor* input = find_mutable(inputs_, spec.name)) {
                tensor.values = input->values;
            } else if (spec.name[0] == 'd') {
                tensor = random_tensor(spec, -1, 1, 2);
                incoming_.push_back(tensor);
            } else {
                tensor.values = find(outputs_, spec.name).values;
            }
            backward_inputs_.push_back(tensor);
        }
        gradients_ = of_sequences(family_.reference(backward_, backward_inputs_, {}));
    }

    // What the incoming gradients are the gradients of.
    double loss(const Tensors& inputs) const {
        const Tensors outputs = of_sequences(family_.reference(forward_, inputs, {}));
        double sum = 0;
        for (const Tensor& gradient : incoming_) {
            sum += inner_product(gradient.values, find(outputs, gradient.spec.name.substr(1)).values);
        }
        return sum;
    }

    // The loss's slope along a direction of one input, by central differences.
    double slope(const std::string& name, const std::vector<double>& direction) const {
        constexpr double kDistance = 1e-5;
        double difference = 0;
        for (double sign : {1.0, -1.0}) {
            Tensors moved = inputs_;
            std::vector<double>& values = find_mutable(moved, name)->values;
            for (std::size_t i = 0; i < values.size(); ++i) {
                values[i] += sign * kDistance * direction[i];
            }
            difference += sign * loss(moved);
        }
        return difference / (2 * kDistance);
    }

    void expect_gradient(const std::string& name, const std::vector<double>& gradient) const {
        const std::vector<double> direction = random_tensor(find(inputs_, name).spec, -1, 1, 3).values;
        const double expected = slope(name, direction);
        ASSERT_EQ(gradient.size(), direction.size());
        const bool all_zero = std::all_of(gradient.begin(), gradient.end(), [](double value) { return value == 0; });
        EXPECT_TRUE(all_zero || std::abs(expected) > 1e-3) << name << " hardly matters: little is tested";
        EXPECT_NEAR(inner_product(gradient, direction), expected, 1e-6 * std::max(1.0, std::abs(expected))) << name;
    }

    std::size_t dim(const char* name) const { return static_cast<std::size_t>(forward_.dim(name)); }

    // What the product of a row of all steps takes in: the row of h before it, or, where a sequence begins, of h0.
    const double* before(std::size_t row) {
        const std::size_t N = dim("N"), H = size_of_h(), T = dim("T");
        const std::vector<double>&h0 = find(inputs_, "h0").values, &h = find(outputs_, "h").values;
        std::size_t b = row / N % dim("B"), step = row / (N * dim("B")), last = T - 1, next = N * dim("B");
        if (const Tensor* const starts = find_mutable(inputs_, "starts")) {
            const auto end = std::ranges::upper_bound(starts->values, static_cast<double>(row / N));
            b = static_cast<std::size_t>(end - starts->values.begin()) - 1;
            step = row / N - static_cast<std::size_t>(end[-1]);
            last = static_cast<std::size_t>(end[0] - end[-1]) - 1;
            next = N;
        }
        const bool is_first = step == (is_reverse_ ? last : 0);
        return is_first ? &h0[(b * N + row % N) * H] : &h[(is_reverse_ ? row + next : row - next) * H];
    }

    std::size_t size_of_h() { return static_cast<std::size_t>(find(inputs_, "h0").spec.shape.back()); }

    // Rows of all steps that sequences have.
    std::size_t rows() {
        const Tensor* const starts = find_mutable(inputs_, "starts");
        return dim("N") * (starts != nullptr ? static_cast<std::size_t>(starts->values.back()) : dim("T") * dim("B"));
    }

    // Gradient by the product R h + bias, [T,B,N,G*D].
    const std::vector<double>& product_gradient() {
        const Tensor* dr = find_mutable(gradients_, "dr");
        return dr != nullptr ? dr->values : find(gradients_, "dx").values;
    }

    Workload workload(const std::string& pass) const {
        const bool has_h = std::ranges::any_of(family_.dimensions, [](const auto& one) { return one.name == "H"; });
        return parse_workload(GetParam() + " T=4 B=3 N=2 D=5 dtype=f32 pass=" + pass + (has_h ? " H=3" : ""),
                              families());
    }

    const Family& family_ = find_family(GetParam().substr(0, GetParam().find(' ')));
    bool is_reverse_ = false;
    Workload forward_ = workload("training");
    Workload backward_ = workload("backward");
    Tensors inputs_, outputs_, backward_inputs_, gradients_, incoming_;
};

TEST_P(Gradients, OfInputsAndFirstStatesAreSlopesOfTheForwardPass) {
    for (const Tensor& gradient : gradients_) {
        const std::string name = gradient.spec.name.substr(1);
        if (name != "r" && name != "w" && name != "h_total") {
            expect_gradient(name, gradient.values);
        }
    }
}

TEST_P(Gradients, OfTheProductGiveThoseOfTheRecurrentWeightsAndTheBias) {
    const std::vector<double>& dr = product_gradient();
    const Tensor* const resets = find_mutable(inputs_, "resets");
    const std::size_t D = dim("D"), H = size_of_h(), GD = family_.gates.size() * D;
    std::vector<double> dR(dim("N") * GD * H), dbias(dim("N") * GD);
    for (std::size_t i = 0; i < rows() * GD; ++i) {
        const std::size_t row = i / GD, gate = row % dim("N") * GD + i % GD;
        const bool is_second = i % GD / D >= first_gates(family_);
        const double* const taken_in = is_second ? &find(outputs_, "u").values[row * D] : before(row);
        const bool begins_anew = resets != nullptr && resets->values[row / dim("N")] != 0;
        dbias[gate] += dr[i];
        for (std::size_t k = 0; k < H && (is_second || !begins_anew); ++k) {
            dR[gate * H + k] += dr[i] * taken_in[k];
        }
    }
    if (find_mutable(inputs_, "R") != nullptr) {
        expect_gradient("R", dR);
    }
    expect_gradient("bias", dbias);
}

TEST_P(Gradients, OfHAndWhatUnitsReturnGiveThoseOfTheProjection) {
    if (find_mutable(inputs_, "projection") == nullptr) {
        GTEST_SKIP() << "h is not projected";
    }
    const std::size_t D = dim("D"), H = size_of_h();
    const std::vector<double>&dh = find(gradients_, "dh_total").values, &u = find(outputs_, "u").values;
    std::vector<double> sum(dim("N") * H * D);
    for (std::size_t i = 0; i < rows() * H * D; ++i) {
        const std::size_t row = i / (H * D), k = i / D % H;
        sum[(row % dim("N") * H + k) * D + i % D] += dh[row * H + k] * u[row * D + i % D];
    }
    expect_gradient("projection", sum);
}

TEST_P(Gradients, OfParametersAddUpOverSequences) {
    const Tensor* dw = find_mutable(gradients_, "dw");
    if (dw == nullptr) {
        GTEST_SKIP() << "the cell has no parameters";
    }
    std::vector<double> sum(find(inputs_, "w").values.size());
    for (std::size_t i = 0; i < dw->values.size(); ++i) {
        sum[i % sum.size()] += dw->values[i];  // [B,N,P,D]
    }
    expect_gradient("w", sum);
}

INSTANTIATE_TEST_SUITE_P(Cells, Gradients, testing::ValuesIn(recurrent_workloads()), test_name_of);

}  // namespace
}  // namespace warpsmith
