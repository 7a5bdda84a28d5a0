// With the batch first the recurrent families compute what they do with the step first.
#include <gtest/gtest.h>

#include <utility>

#include "templates/family.hpp"
#include "tests/templates/test_name.hpp"

namespace warpsmith {
namespace {

bool has_steps(const TensorSpec& spec) {
    return spec.layout.starts_with("T,B");
}

// A tensor [T,B,...] as [B,T,...]; others as they are.
Tensor batch_first(const Tensor& tensor) {
    Tensor result = tensor;
    if (!has_steps(tensor.spec)) {
        return result;
    }
    const auto T = static_cast<std::size_t>(tensor.spec.shape[0]), B = static_cast<std::size_t>(tensor.spec.shape[1]);
    const std::size_t row = tensor.values.size() / (T * B);
    result.spec.layout.replace(0, 3, "B,T");
    std::swap(result.spec.shape[0], result.spec.shape[1]);
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        const std::size_t t = i / (B * row), b = i / row % B;
        result.values[(b * T + t) * row + i % row] = tensor.values[i];
    }
    return result;
}

Tensors batch_first(const Tensors& tensors) {
    Tensors result;
    for (const Tensor& tensor : tensors) {
        result.push_back(batch_first(tensor));
    }
    return result;
}

class RecurrentLayout : public testing::TestWithParam<std::string> {
  protected:
    Workload workload(const std::string& layout) const {
        return parse_workload(GetParam() + " T=4 B=3 N=2 D=5 dtype=f32 layout=" + layout, families());
    }
    const Family& family_ = find_family(GetParam().substr(0, GetParam().find(' ')));
    Workload steps_ = workload("tb"), batch_ = workload("bt");
};

TEST_P(RecurrentLayout, TensorsOfAllStepsAreTransposedAndOthersAreNot) {
    const std::vector<TensorSpec> before = family_.tensors(steps_), after = family_.tensors(batch_);
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        const std::vector<double> none(static_cast<std::size_t>(before[i].elements()));
        const TensorSpec expected = batch_first(Tensor{before[i], none}).spec;
        EXPECT_EQ(after[i].name, expected.name);
        EXPECT_EQ(after[i].layout, expected.layout) << expected.name;
        EXPECT_EQ(after[i].shape, expected.shape) << expected.name;
    }
}

TEST_P(RecurrentLayout, TheReferenceOfTransposedInputsIsTheTransposedOne) {
    const Tensors inputs = family_.inputs(steps_, 1);
    const Tensors expected = batch_first(family_.reference(steps_, inputs, {}));
    const Tensors outputs = family_.reference(batch_, batch_first(inputs), {});
    ASSERT_EQ(outputs.size(), expected.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        EXPECT_EQ(outputs[i].values, expected[i].values) << expected[i].spec.name;
    }
}

TEST_P(RecurrentLayout, OnlyTheOneThatIsNotUsualIsPartOfTheKey) {
    EXPECT_EQ(steps_.key().find("layout"), std::string::npos);
    EXPECT_NE(batch_.key().find("layout=bt"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Families, RecurrentLayout,
                         testing::Values("lstm", "lstm pass=training lengths=given direction=reverse",
                                         "lstm pass=backward", "gru pass=backward direction=reverse lengths=given",
                                         "leaky pass=backward", "sru pass=training", "gru resets=given",
                                         "recurrent_weights G=3", "recurrent_weights G=3 direction=reverse",
                                         "recurrent_weights G=3 resets=given", "lstm_projected H=3 pass=backward",
                                         "product_weights M=7 taken=same", "product_weights M=7 resets=given"),
                         test_name_of);

}  // namespace
}  // namespace warpsmith
