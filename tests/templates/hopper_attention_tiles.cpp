// The tile model of FlashAttention's CuTe kernels for Hopper (Dao-AILab/flash-attention, flash_attn/cute/
// sm90_config_search.py at 01afd16), stated with the model builder. That script finds the counts that are expected
// here.
#include <gtest/gtest.h>

#include "solver/search.hpp"
#include "templates/mma_shapes.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

constexpr std::int64_t kSmemBytes = 224 * 1024;  // the script keeps 3 KiB of 227 for statistics and barriers

struct Heads {
    std::int64_t qk = 0, v = 0;
};

// Accumulators of a thread, after setmaxnreg: 240 less 24 for two warpgroups, 160 less 32 for three.
Expr register_limit(const Expr& warpgroups) {
    return select(warpgroups == 2, 216, 128);
}

Model forward_tiles(Heads d) {
    Model m;
    Expr warpgroups = m.variable("warpgroups", {2, 3});
    Expr keys = m.variable("keys", {64, 80, 96, 112, 128, 144, 160, 176, 192});
    Expr p_in_registers = m.variable("p_in_registers", {1, 0});
    Expr overlap = m.variable("overlap", {1, 0}, "one warpgroup's softmax hides behind another's products");
    Expr queries = m.define("queries", warpgroups * kWgmmaUnit.m);
    Expr scores = accumulator_registers(queries, keys, warpgroups);
    Expr output = accumulator_registers(queries, d.v, warpgroups);
    m.require(keys <= kWgmmaMostColumns && keys % kWgmmaUnit.n == 0, "a tile of keys is as wide as one wgmma can be");
    m.require(scores + overlap * (scores / 2) + output <= register_limit(warpgroups), "accumulators fit in registers");
    Expr smem = max(queries * d.qk * 2, queries * d.v * 2) + 2 * keys * d.qk * 2 + 2 * keys * d.v * 2 +
                (1 - p_in_registers) * queries * keys * 2;
    m.require(smem <= kSmemBytes, "queries and two stages of keys and values fit in shared memory");
    return m;
}

struct Product {
    Expr m, n, swapped, atom_rows;
};

void require_wgmma(Model& m, const Product& product, const Expr& warpgroups, const std::string& name) {
    Expr atom_columns = warpgroups / product.atom_rows;
    m.require(select(product.swapped, fits_wgmma(product.n, product.m, atom_columns, product.atom_rows),
                     fits_wgmma(product.m, product.n, product.atom_rows, atom_columns)),
              "the warpgroups share " + name + " in whole wgmma tiles");
}

Model backward_tiles(Heads d) {
    Model m;
    Expr warpgroups = m.variable("warpgroups", {2, 3});
    Expr queries = m.variable("queries", {64, 80, 96, 112, 128});
    Expr keys = m.variable("keys", {64, 80, 96, 112, 128});
    Expr swap_s = m.variable("swap_s", {0, 1}), swap_dkv = m.variable("swap_dkv", {0, 1});
    Expr swap_dq = m.variable("swap_dq", {0, 1});
    Expr atom_s = m.variable("atom_s", {1, 2, 3}), atom_dkv = m.variable("atom_dkv", {1, 2, 3});
    Expr atom_dq = m.variable("atom_dq", {1, 2, 3});
    for (const Expr& atom : {atom_s, atom_dkv, atom_dq}) {
        m.require(warpgroups % atom == 0, "the warpgroups form a rectangle");
    }
    require_wgmma(m, {queries, keys, swap_s, atom_s}, warpgroups, "S and dP");
    require_wgmma(m, {keys, d.qk, swap_dkv, atom_dkv}, warpgroups, "dK");
    require_wgmma(m, {keys, d.v, swap_dkv, atom_dkv}, warpgroups, "dV");
    require_wgmma(m, {queries, d.qk, swap_dq, atom_dq}, warpgroups, "dQ");
    auto registers = [&](const Expr& rows, const Expr& columns) {
        return accumulator_registers(rows, columns, warpgroups);
    };
    Expr needed =
        max(2 * registers(queries, keys), registers(queries, d.qk)) + registers(keys, d.qk) + registers(keys, d.v);
    m.require(needed <= register_limit(warpgroups), "accumulators fit in registers");
    Expr p_in_registers = atom_s == 1 && atom_dkv == warpgroups && swap_s == 1 && swap_dkv == 0;
    // Two stages of Q and one of dO, which is what the script falls back to where two do not fit.
    Expr smem = 2 * queries * d.qk * 2 + keys * d.qk * 2 + keys * d.v * 2 + queries * d.v * 2 +
                queries * keys * 2 * select(p_in_registers, 1, 2) + queries * d.qk * 4;
    m.require(smem <= kSmemBytes, "Q, K, V, dO, P, dS and the sum of dQ fit in shared memory");
    return m;
}

std::vector<std::vector<std::uint32_t>> choices_of(const std::vector<Solution>& solutions) {
    std::vector<std::vector<std::uint32_t>> choices;
    for (const Solution& solution : solutions) {
        choices.push_back(solution.choices());
    }
    return choices;
}

void expect_solutions(std::size_t expected, const Model& model) {
    Exhausted tried = exhaust(model);
    ASSERT_FALSE(tried.fails);
    EXPECT_EQ(tried.solutions.size(), expected);
    EXPECT_EQ(count(model), expected);
    EXPECT_EQ(choices_of(solve(model)), tried.solutions);
}

TEST(HopperAttentionTiles, ForwardOfHeadDimension64Are64) {
    expect_solutions(64, forward_tiles({64, 64}));
}
TEST(HopperAttentionTiles, ForwardOfHeadDimension96Are56) {
    expect_solutions(56, forward_tiles({96, 96}));
}
TEST(HopperAttentionTiles, ForwardOfHeadDimension128Are44) {
    expect_solutions(44, forward_tiles({128, 128}));
}
TEST(HopperAttentionTiles, ForwardOfHeadDimensions192And128Are28) {
    expect_solutions(28, forward_tiles({192, 128}));
}
TEST(HopperAttentionTiles, BackwardOfHeadDimension64Are128) {
    expect_solutions(128, backward_tiles({64, 64}));
}
TEST(HopperAttentionTiles, BackwardOfHeadDimension96Are14) {
    expect_solutions(14, backward_tiles({96, 96}));
}
TEST(HopperAttentionTiles, BackwardOfHeadDimension128Are142) {
    expect_solutions(142, backward_tiles({128, 128}));
}
TEST(HopperAttentionTiles, BackwardOfHeadDimensions192And128Are18) {
    expect_solutions(18, backward_tiles({192, 128}));
}

}  // namespace
}  // namespace warpsmith
