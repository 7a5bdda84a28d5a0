// Where resets are given a sequence is what separate ones would be, the later ones from states that are zero.
#include <gtest/gtest.h>

#include <algorithm>

#include "templates/family.hpp"
#include "tests/templates/test_name.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kSteps = 5, kReset = 2;  // in the order of the walk

// One sequence with a reset before its third step, and the two that it should be made of.
class RecurrentResets : public testing::TestWithParam<std::string> {
  protected:
    Workload workload(std::size_t steps, const std::string& options) const {
        return parse_workload(GetParam() + " T=" + std::to_string(steps) + " B=1 N=2 D=5 dtype=f32 " + options,
                              families());
    }

    // Steps [first, first + count) of a tensor, in the order of memory.
    static std::vector<double> part(const Tensor& tensor, std::size_t first, std::size_t count) {
        const std::size_t row = tensor.values.size() / kSteps;
        return {tensor.values.begin() + static_cast<std::ptrdiff_t>(first * row),
                tensor.values.begin() + static_cast<std::ptrdiff_t>((first + count) * row)};
    }

    static bool has_steps(const Tensor& tensor) { return tensor.spec.layout.starts_with("T,B"); }

    // What the whole is given, of a part of its steps; `from_zero`: its states begin with zero.
    Tensors inputs_of_part(const Workload& of_part, std::size_t first, std::size_t count, bool from_zero) const {
        Tensors result;
        for (const Tensor& tensor : inputs_) {
            if (tensor.spec.name == "resets") {
                continue;
            }
            Tensor here = tensor;
            if (has_steps(tensor)) {
                here.values = part(tensor, first, count);
            } else if (from_zero && tensor.spec.name.ends_with("0")) {
                std::ranges::fill(here.values, 0.0);
            }
            here.spec = spec_of(of_part, tensor.spec.name);
            result.push_back(here);
        }
        return result;
    }

    TensorSpec spec_of(const Workload& of, const std::string& name) const {
        const std::vector<TensorSpec> specs = family_.tensors(of);
        return *std::ranges::find_if(specs, [&](const TensorSpec& spec) { return spec.name == name; });
    }

    Tensors random_inputs_with_one_reset() const {
        Tensors inputs = family_.inputs(whole_, 1);
        for (Tensor& tensor : inputs) {
            if (tensor.spec.name == "resets") {
                std::ranges::fill(tensor.values, 0.0);
                tensor.values[is_reverse_ ? kSteps - 1 - kReset : kReset] = -3;  // any number but 0
            }
        }
        return inputs;
    }

    const Family& family_ = find_family(GetParam().substr(0, GetParam().find(' ')));
    const bool is_reverse_ = GetParam().find("reverse") != std::string::npos;
    const Workload whole_ = workload(kSteps, "pass=training resets=given");
    const Tensors inputs_ = random_inputs_with_one_reset();
};

TEST_P(RecurrentResets, AStepWithAResetBeginsAnotherSequence) {
    const Tensors whole = family_.reference(whole_, inputs_, {});
    const std::size_t late_first = is_reverse_ ? 0 : kReset, early_first = is_reverse_ ? kSteps - kReset : 0;
    const Workload early_steps = workload(kReset, "pass=training"),
                   late_steps = workload(kSteps - kReset, "pass=training");
    const Tensors early = family_.reference(early_steps, inputs_of_part(early_steps, early_first, kReset, false), {});
    const Tensors late =
        family_.reference(late_steps, inputs_of_part(late_steps, late_first, kSteps - kReset, true), {});
    for (std::size_t i = 0; i < whole.size(); ++i) {
        if (has_steps(whole[i])) {
            EXPECT_EQ(part(whole[i], early_first, kReset), early[i].values) << whole[i].spec.name;
            EXPECT_EQ(part(whole[i], late_first, kSteps - kReset), late[i].values) << whole[i].spec.name;
        } else {
            EXPECT_EQ(whole[i].values, late[i].values) << whole[i].spec.name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Cells, RecurrentResets,
                         testing::Values("lstm", "gru direction=reverse", "slstm", "leaky direction=reverse", "sru"),
                         test_name_of);

}  // namespace
}  // namespace warpsmith
