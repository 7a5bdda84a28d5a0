// Which tiles the weight gradients may have.
#include <gtest/gtest.h>

#include <set>

#include "solver/search.hpp"
#include "templates/family.hpp"

namespace warpsmith {
namespace {

std::vector<Solution> candidates(const std::string& sizes, const std::string& target) {
    const Workload workload = parse_workload("recurrent_weights " + sizes, families());
    return solve(find_family(workload.family).space(workload, find_target(target)).model);
}

std::set<std::int64_t> values(const std::vector<Solution>& solutions, const std::string& name) {
    std::set<std::int64_t> found;
    for (const Solution& solution : solutions) {
        found.insert(solution[name]);
    }
    return found;
}

using Values = std::set<std::int64_t>;

TEST(RecurrentWeightsSpace, HeadsOf16UnitsAndOf2048HaveFewerThanAThousandCandidatesEach) {
    for (const std::string target : {"h200", "a100", "rtx5090"}) {
        for (const std::string heads : {"N=48 G=4 D=16", "N=4 G=4 D=192", "N=3 G=4 D=256", "N=1 G=4 D=2048"}) {
            for (const std::string dtype : {"bf16", "f32"}) {
                const std::string sizes = "T=1024 B=16 " + heads + " dtype=" + dtype;
                const std::size_t count = candidates(sizes, target).size();
                EXPECT_GE(count, 4U) << sizes << " " << target;
                EXPECT_LT(count, 1000U) << sizes << " " << target;
            }
        }
    }
}

TEST(RecurrentWeightsSpace, OnlyWhereThereAreClustersDoBlocksShareATile) {
    const std::string sizes = "T=1024 B=16 N=1 G=4 D=64 dtype=bf16";
    EXPECT_EQ(values(candidates(sizes, "a100"), "k_split"), (Values{1}));
    EXPECT_EQ(values(candidates(sizes, "rtx5090"), "k_split"), (Values{1, 2, 3, 4, 5, 6, 8}));
    EXPECT_EQ(values(candidates(sizes, "h200"), "k_split"), (Values{1, 2, 3, 4, 5, 6, 8, 16}));
}

TEST(RecurrentWeightsSpace, WarpgroupsMultiplyOnHopperLargeHeadsWhoseRowsAre16BytesAligned) {
    const std::string sizes = "T=1024 B=16 N=1 G=4 ";
    EXPECT_EQ(values(candidates(sizes + "D=256 dtype=bf16", "h200"), "wgmma"), (Values{0, 1}));
    EXPECT_EQ(values(candidates(sizes + "D=256 dtype=f32", "h200"), "wgmma"), (Values{0}));
    EXPECT_EQ(values(candidates(sizes + "D=252 dtype=bf16", "h200"), "wgmma"), (Values{0}));
    EXPECT_EQ(values(candidates(sizes + "D=64 dtype=bf16", "h200"), "wgmma"), (Values{0}));
    EXPECT_EQ(values(candidates(sizes + "D=256 dtype=bf16", "a100"), "wgmma"), (Values{0}));
    EXPECT_EQ(values(candidates(sizes + "D=256 dtype=bf16", "b200"), "wgmma"), (Values{0}));
}

TEST(RecurrentWeightsSpace, EveryBlockThatSharesATileHasProductsOfItsOwn) {
    for (const Solution& solution : candidates("T=3 B=50 N=1 G=4 D=64 dtype=bf16", "h200")) {
        EXPECT_LT((solution["k_split"] - 1) * solution["tile_k"], 150) << to_string(solution);
    }
}

TEST(RecurrentWeightsSpace, NoTileIsSharedWhereThereAreEnoughOfThem) {
    EXPECT_EQ(values(candidates("T=1024 B=16 N=1 G=4 D=2048 dtype=bf16", "h200"), "k_split"), (Values{1}));
}

TEST(RecurrentWeightsSpace, TilesOf96And192ColumnsLeaveNoColumnIdle) {
    const std::string sizes = "T=1024 B=16 N=4 G=4 dtype=bf16 D=";
    EXPECT_EQ(values(candidates(sizes + "192", "h200"), "tile_n"), (Values{32, 48, 64, 96, 128, 192, 256}));
    EXPECT_EQ(values(candidates(sizes + "200", "h200"), "tile_n"), (Values{32, 64, 128, 256}));
}

// Else a configuration would be verified with all steps and sequences, which takes a thousand times as long.
TEST(RecurrentWeightsSpace, WhatFitsAWorkloadFitsItsReducedSizes) {
    for (const std::string heads : {"N=48 G=4 D=16", "N=3 G=4 D=256", "N=1 G=4 D=2048"}) {
        const std::string sizes = "T=1024 B=16 " + heads + " dtype=bf16";
        const Workload workload = parse_workload("recurrent_weights " + sizes, families());
        const Workload reduced = find_family(workload.family).reduced(workload);
        EXPECT_LT(reduced.dim("T") * reduced.dim("B"), 1100) << sizes;
        const Model model = find_family(workload.family).space(reduced, find_target("h200")).model;
        std::set<std::string> fitting;
        for (const Solution& solution : solve(model)) {
            fitting.insert(to_config(solution, {.model = model}).key());
        }
        for (const Solution& solution : candidates(sizes, "h200")) {
            const std::string config = to_config(solution, {.model = model}).key();
            EXPECT_TRUE(fitting.contains(config)) << sizes << ": " << config;
        }
    }
}

}  // namespace
}  // namespace warpsmith
