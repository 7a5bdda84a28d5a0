// Packed sequences are computed as each of them is by itself, and rows that none has are left alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "solver/conflict.hpp"
#include "solver/error.hpp"
#include "templates/family.hpp"
#include "tests/templates/test_name.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kSteps = 4, kSequences = 3, kRows = kSteps * kSequences;

bool is_packed(const TensorSpec& spec) {
    return spec.layout.starts_with("S,");
}

bool is_of_a_sequence(const TensorSpec& spec) {
    return spec.layout.starts_with("B,");
}

class RecurrentPacked : public testing::TestWithParam<std::string> {
  protected:
    Workload workload(std::size_t T, std::size_t B, const std::string& options) const {
        return parse_workload(
            GetParam() + " T=" + std::to_string(T) + " B=" + std::to_string(B) + " N=2 D=4 dtype=f32 " + options,
            families());
    }

    // Of a tensor, what sequence b has; others as they are.
    std::vector<double> part(const Tensor& tensor, std::size_t b) const {
        if (is_packed(tensor.spec)) {
            return rows(tensor, kRows, start(b), start(b + 1));
        }
        return is_of_a_sequence(tensor.spec) ? rows(tensor, kSequences, b, b + 1) : tensor.values;
    }

    // Some of the `count` rows that a tensor has.
    static std::vector<double> rows(const Tensor& tensor, std::size_t count, std::size_t first, std::size_t end) {
        const std::size_t row = tensor.values.size() / count;
        return {tensor.values.begin() + static_cast<std::ptrdiff_t>(first * row),
                tensor.values.begin() + static_cast<std::ptrdiff_t>(end * row)};
    }

    std::size_t start(std::size_t b) const { return static_cast<std::size_t>(find(inputs_, "starts").values.at(b)); }

    // What sequence b alone is given, and what comes out of it.
    Tensors reference_of(std::size_t b) const {
        const Workload alone = workload(start(b + 1) - start(b), 1, "");
        Tensors inputs;
        for (const TensorSpec& spec : family_.tensors(alone)) {
            if (spec.role == Role::input) {
                inputs.push_back({spec, part(find(inputs_, spec.name), b)});
            }
        }
        return family_.reference(alone, inputs, {});
    }

    Tensors inputs_with(const std::vector<double>& starts) const {
        Tensors inputs = family_.inputs(packed_, 1);
        std::ranges::find(inputs, "starts", [](const Tensor& tensor) { return tensor.spec.name; })->values = starts;
        return inputs;
    }

    const Family& family_ = find_family(GetParam().substr(0, GetParam().find(' ')));
    const Workload packed_ = workload(kSteps, kSequences, "lengths=packed");
    const Tensors inputs_ = family_.inputs(packed_, 1);
};

TEST_P(RecurrentPacked, RandomSequencesAreLongShortAndEmpty) {
    const std::vector<double> starts = find(inputs_, "starts").values;
    ASSERT_EQ(starts.size(), kSequences + 1);
    EXPECT_EQ(starts[0], 0);
    EXPECT_EQ(starts[1], kSteps);
    EXPECT_GT(starts[2], starts[1]);
    EXPECT_EQ(starts[3], starts[2]);
}

TEST_P(RecurrentPacked, EachSequenceIsWhatItIsByItself) {
    const Tensors outputs = family_.reference(packed_, inputs_, {});
    for (const std::size_t b : {0U, 1U}) {
        const Tensors expected = reference_of(b);
        for (const Tensor& output : outputs) {
            EXPECT_EQ(part(output, b), find(expected, output.spec.name).values) << output.spec.name << " of " << b;
        }
    }
}

TEST_P(RecurrentPacked, ASequenceWithoutStepsKeepsItsStatesOrTheirGradients) {
    for (const Tensor& output : family_.reference(packed_, inputs_, {})) {
        std::string name = output.spec.name;  // hT is h0, dh0 is dhT
        if (is_of_a_sequence(output.spec) && name != "dw") {
            name.back() = name.back() == 'T' ? '0' : 'T';
            EXPECT_EQ(part(output, 2), part(find(inputs_, name), 2)) << output.spec.name;
        }
    }
}

TEST_P(RecurrentPacked, RowsThatNoSequenceHasAreLeftAlone) {
    const auto left_alone = [](double value) { return std::isnan(value); };
    for (const Tensor& output : family_.reference(packed_, inputs_, {})) {
        const std::size_t all = is_packed(output.spec) ? kRows : kSequences;
        const std::size_t used = is_packed(output.spec) ? start(kSequences) : kSequences;
        EXPECT_TRUE(std::ranges::none_of(rows(output, all, 0, used), left_alone)) << output.spec.name;
        EXPECT_TRUE(std::ranges::all_of(rows(output, all, used, all), left_alone)) << output.spec.name;
    }
}

TEST_P(RecurrentPacked, StartsThatDoNotGrowByUpToTAreRefused) {
    EXPECT_THROW(family_.reference(packed_, inputs_with({0, 5, 6, 7}), {}), Error);
    EXPECT_THROW(family_.reference(packed_, inputs_with({0, 3, 2, 4}), {}), Error);
    EXPECT_THROW(family_.reference(packed_, inputs_with({1, 2, 3, 4}), {}), Error);
}

TEST_P(RecurrentPacked, OtherLayoutsAndResetsAreRefused) {
    const Target h200 = find_target("h200");
    EXPECT_FALSE(has_no_solution(family_.space(packed_, h200).model));
    EXPECT_TRUE(has_no_solution(family_.space(workload(kSteps, kSequences, "lengths=packed layout=bt"), h200).model));
    EXPECT_TRUE(
        has_no_solution(family_.space(workload(kSteps, kSequences, "lengths=packed resets=given"), h200).model));
}

INSTANTIATE_TEST_SUITE_P(Cells, RecurrentPacked,
                         testing::Values("lstm", "lstm pass=training direction=reverse", "gru pass=backward",
                                         "slstm pass=backward direction=reverse", "leaky pass=backward",
                                         "sru pass=training", "gru_reset_before pass=training",
                                         "layer_norm_lstm pass=training direction=reverse",
                                         "lstm_projected H=4 pass=training",
                                         "lstm_projected H=4 pass=backward direction=reverse"),
                         test_name_of);

// What packed sequences that begin from zero have together: of all their rows as one sequence, with a reset where each
// of them begins.
class PackedWeights : public testing::TestWithParam<std::string> {
  protected:
    Workload workload(std::size_t T, const std::string& options) const {
        return parse_workload(
            "recurrent_weights B=1 N=2 G=3 D=4 dtype=f32 direction=" + GetParam() + " T=" + std::to_string(T) + options,
            families());
    }

    // The gradients that rows `first` to first + count alone give, from states that are zero.
    Tensors gradients_of(const Tensors& inputs, std::size_t first, std::size_t count) const {
        const Workload alone = workload(count, "");
        Tensors given;
        for (const TensorSpec& spec : family_.tensors(alone)) {
            if (spec.role == Role::input) {
                std::vector<double> values(static_cast<std::size_t>(spec.elements()));
                if (spec.name != "h0") {
                    std::copy_n(find(inputs, spec.name).values.begin() +
                                    static_cast<std::ptrdiff_t>(values.size() / count * first),
                                values.size(), values.begin());
                }
                given.push_back({spec, values});
            }
        }
        return family_.reference(alone, given, {});
    }

    const Family& family_ = find_family("recurrent_weights");
};

TEST_P(PackedWeights, AreThoseOfOneSequenceWithResets) {
    const Workload together = workload(6, " resets=given");
    Tensors inputs = family_.inputs(together, 1);
    std::ranges::find(inputs, "resets", [](const Tensor& tensor) { return tensor.spec.name; })->values =
        GetParam() == "reverse" ? std::vector<double>{0, 0, 0, 1, 0, 1} : std::vector<double>{1, 0, 0, 0, 1, 0};
    const Tensors sums = family_.reference(together, inputs, {});
    const Tensors first = gradients_of(inputs, 0, 4), second = gradients_of(inputs, 4, 2);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        for (std::size_t k = 0; k < sums[i].values.size(); ++k) {
            EXPECT_NEAR(sums[i].values[k], first[i].values[k] + second[i].values[k], 1e-14) << sums[i].spec.name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Directions, PackedWeights, testing::Values("forward", "reverse"));

}  // namespace
}  // namespace warpsmith
