// Products of f32 with R on tensor cores: what a rounded reference makes of their factors, and which heads have plans.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "solver/conflict.hpp"
#include "solver/error.hpp"
#include "solver/search.hpp"
#include "templates/family.hpp"
#include "tests/sanitized.hpp"

namespace warpsmith {
namespace {

// h of one unit, R h0, where the reference rounds as kernels do.
double product(const std::string& precision, double weight, double state) {
    const Workload w =
        parse_workload("elman T=1 B=1 N=1 D=1 dtype=f32 activation=identity precision=" + precision, families());
    const Family& family = find_family("elman");
    Tensors inputs = family.inputs(w, 1);
    for (Tensor& tensor : inputs) {
        const std::string& name = tensor.spec.name;
        tensor.values = {name == "R" ? weight : name == "h0" ? state : 0.0};
    }
    return find(family.reference(w, inputs, {.exact = false, .dtype = DType::f32}), "h").values[0];
}

TEST(RecurrentPrecision, Tf32RoundsBothFactorsTo11Bits) {
    const double more = 1 + std::ldexp(1.0, -10), between = 1 + std::ldexp(1.0, -11), less = 1 + std::ldexp(1.0, -12);
    EXPECT_EQ(product("tf32", more, 1), more);
    EXPECT_EQ(product("tf32", between, 1), more) << "a tie goes away from zero";
    EXPECT_EQ(product("tf32", -1, less), -1);
    EXPECT_EQ(product("ieee", less, -1), -less);
}

TEST(RecurrentPrecision, ThreeProductsKeep21BitsOfBothFactors) {
    const double kept = 1 + std::ldexp(1.0, -20), lost = 1 + std::ldexp(1.0, -22);
    EXPECT_EQ(product("tf32x3", kept, 1), kept);
    EXPECT_EQ(product("tf32x3", 1, lost), 1);
    EXPECT_EQ(product("ieee", 1, lost), lost);
}

Space space_of(const std::string& text, const std::string& target) {
    const Workload workload = parse_workload(text, families());
    return find_family(workload.family).space(workload, find_target(target));
}

// The most blocks that share a head, none of them in turn, among its configurations on an H200.
std::int64_t most_blocks(const std::string& text) {
    const Space space = space_of(text, "h200");
    std::int64_t most = 0;
    for (const Solution& solution : solve(space.model)) {
        Config config = to_config(solution, space);
        most = std::max(most, config["in_turn"] == 0 ? config["blocks"] : 0);
    }
    return most;
}

TEST(RecurrentPrecision, AHeadOfAnySizeThatIsAMultipleOf8HasAConfiguration) {
    const std::vector<int> sizes = {8, 64, 96, 128, 160, 264, 1000, 2688, 8192};
    for (std::size_t i = 0; i < tried_of(static_cast<std::uint32_t>(sizes.size())); ++i) {
        for (const std::string target : {"a100", "rtx3090", "h200"}) {
            for (const std::string cell : {"gru_reset_before", "slstm"}) {
                for (const std::string pass : {"training", "backward"}) {
                    const std::string text = cell + " T=64 B=256 N=4 D=" + std::to_string(sizes[i]) +
                                             " dtype=f32 precision=tf32x3 pass=" + pass;
                    EXPECT_FALSE(has_no_solution(space_of(text, target).model)) << text << " for " << target;
                }
            }
        }
    }
}

TEST(RecurrentPrecision, BlocksShareAHeadOfF32WhereTensorCoresMultiply) {
    EXPECT_EQ(most_blocks("lstm T=8 B=16 N=1 D=512 dtype=f32 precision=ieee"), 0);
    EXPECT_GE(most_blocks("lstm T=8 B=16 N=1 D=512 dtype=f32 precision=tf32"), 16);
    EXPECT_GE(most_blocks("gru T=8 B=16 N=1 D=256 dtype=f32 precision=tf32x3 pass=backward"), 16);
}

TEST(RecurrentPrecision, OnlyF32HasAChoice) {
    EXPECT_EQ(most_blocks("lstm T=8 B=16 N=1 D=64 dtype=bf16 precision=tf32"), 0);
    EXPECT_GT(most_blocks("lstm T=8 B=16 N=1 D=64 dtype=bf16 precision=ieee"), 0);
    EXPECT_THROW(parse_workload("indrnn T=8 B=16 N=1 D=64 dtype=f32 precision=tf32", families()), Error);
}

}  // namespace
}  // namespace warpsmith
