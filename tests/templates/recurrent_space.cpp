#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "solver/conflict.hpp"
#include "solver/search.hpp"
#include "templates/family.hpp"
#include "tests/sanitized.hpp"

namespace warpsmith {
namespace {

Space space_of(const std::string& text, const std::string& target) {
    const Workload workload = parse_workload(text, families());
    return find_family(workload.family).space(workload, find_target(target));
}

// Under sanitizers one size in five.
std::vector<int> tried(std::vector<int> sizes) {
    sizes.resize(std::max<std::size_t>(1, tried_of(static_cast<std::uint32_t>(sizes.size()))));
    return sizes;
}

// Of all configurations the values of one of their fields.
std::set<std::int64_t> values_of(const Space& space, const std::string& field) {
    std::set<std::int64_t> values;
    for (const Solution& solution : solve(space.model)) {
        values.insert(to_config(solution, space)[field]);
    }
    return values;
}

TEST(RecurrentSpace, AHeadOfAnySizeThatIsAMultipleOf8HasAConfigurationInEveryPass) {
    for (const std::string target : {"a100", "rtx3090", "h200"}) {
        for (const std::string cell : {"elman", "gru", "lstm_peephole", "slstm"}) {
            for (const std::string pass : {"forward", "training", "backward"}) {
                for (const std::string dtype : {"bf16", "f32"}) {
                    for (const int D : tried({64, 96, 128, 144, 160, 184, 208, 256, 264, 504, 1000, 2688, 8192})) {
                        const std::string text =
                            cell + " T=64 B=256 N=4 D=" + std::to_string(D) + " dtype=" + dtype + " pass=" + pass;
                        EXPECT_FALSE(has_no_solution(space_of(text, target).model)) << text << " for " << target;
                    }
                }
            }
        }
    }
}

TEST(RecurrentSpace, ACellWhoseUnitsMeetMoreThanOnceInAStepHasAConfigurationForHeadsOfAnySizeInEveryPass) {
    for (const std::string target : {"a100", "rtx3090", "h200"}) {
        for (const std::string cell : {"gru_reset_before", "layer_norm_gru", "layer_norm_lstm"}) {
            for (const std::string pass : {"training", "backward"}) {
                for (const std::string dtype : {"bf16", "f32", "f32 precision=tf32x3"}) {
                    for (const int D : tried({8, 64, 96, 144, 264, 1000, 4096})) {
                        const std::string text =
                            cell + " T=64 B=256 N=4 D=" + std::to_string(D) + " dtype=" + dtype + " pass=" + pass;
                        EXPECT_FALSE(has_no_solution(space_of(text, target).model)) << text << " for " << target;
                    }
                }
            }
        }
    }
}

TEST(RecurrentSpace, ACellWhoseHIsProjectedHasAConfigurationForUnitsAndHOfAnySizeInEveryPass) {
    for (const std::string target : {"a100", "rtx3090", "h200"}) {
        for (const std::string pass : {"training", "backward"}) {
            for (const std::string dtype : {"bf16", "f32", "f32 precision=tf32x3"}) {
                for (const auto& [D, H] : std::map<int, int>{{8, 8}, {96, 8}, {264, 264}, {2048, 640}, {4096, 1000}}) {
                    const std::string text = "lstm_projected T=64 B=256 N=4 D=" + std::to_string(D) +
                                             " H=" + std::to_string(H) + " dtype=" + dtype + " pass=" + pass;
                    EXPECT_FALSE(has_no_solution(space_of(text, target).model)) << text << " for " << target;
                }
            }
        }
    }
}

TEST(RecurrentSpace, UnitsAreProjectedToNoMoreValuesThanTheyAre) {
    const std::string units = "lstm_projected T=64 B=16 N=1 D=64 dtype=bf16 H=";
    EXPECT_FALSE(has_no_solution(space_of(units + "64", "h200").model));
    EXPECT_TRUE(has_no_solution(space_of(units + "72", "h200").model));
    EXPECT_TRUE(has_no_solution(space_of(units + "20", "h200").model));
}

TEST(RecurrentSpace, PackedSequencesHaveEverySizeAndEveryPlanThatOthersHave) {
    const auto plans = [](const Space& space) {
        std::set<std::pair<bool, std::int64_t>> found;  // cooperative, in turn
        for (const Solution& solution : solve(space.model)) {
            found.emplace(evaluate(space.launch.cooperative, solution) != 0, to_config(solution, space)["in_turn"]);
        }
        return found;
    };
    for (const std::string target : {"a100", "h200"}) {
        for (const int D : {64, 144, 512, 1000, 4096}) {
            const std::string others = "lstm T=64 B=16 N=1 D=" + std::to_string(D) + " dtype=bf16";
            const auto packed = plans(space_of(others + " lengths=packed", target));
            EXPECT_FALSE(packed.empty()) << D << " for " << target;
            EXPECT_EQ(packed, plans(space_of(others, target))) << D << " for " << target;
        }
    }
}

TEST(RecurrentSpace, BlocksTakeSharesInTurnWhereOneCannotHoldAHead) {
    EXPECT_EQ(values_of(space_of("lstm T=64 B=16 N=4 D=64 dtype=bf16", "h200"), "in_turn"), std::set<std::int64_t>{0});
    EXPECT_EQ(values_of(space_of("lstm T=64 B=16 N=4 D=512 dtype=bf16", "h200"), "in_turn"),
              (std::set<std::int64_t>{0, 1}));
    EXPECT_EQ(values_of(space_of("lstm T=64 B=16 N=4 D=2048 dtype=f32", "h200"), "in_turn"), std::set<std::int64_t>{1});
}

TEST(RecurrentSpace, BlocksThatTakeSharesInTurnAreNeverMoreThanAreResidentTogether) {
    for (const std::string dtype : {"f16", "f32"}) {
        const Space space = space_of("lstm T=64 B=256 N=8 D=2048 dtype=" + dtype, "h200");
        for (const Solution& solution : solve(space.model)) {
            EXPECT_EQ(evaluate(space.launch.grid_x, solution) * evaluate(space.launch.grid_y, solution),
                      find_target("h200").sms);
            EXPECT_EQ(evaluate(space.launch.cooperative, solution), 1);
        }
    }
}

}  // namespace
}  // namespace warpsmith
