#include "templates/recurrent/products_of_step.hpp"

#include "templates/mma_shapes.hpp"
#include "templates/occupancy.hpp"

namespace warpsmith {
namespace {

// A barrier of a cluster.
constexpr std::int64_t kClusterBarrier = 190;

}  // namespace

Expr barrier_latency(const Knobs& knob) {
    return select(knob.through_l2() || knob.in_turn == 1, Expr(kGridBarrier),
                  select(knob.blocks == 1, Expr(kBlockBarrier), Expr(kClusterBarrier)));
}

void require_shared(Model& m, const Knobs& knob, const Target& target) {
    m.require(!knob.through_l2() || knob.shares(m) <= target.sms,
              "the blocks of a cooperative grid are resident together, one per SM");
    m.require(knob.in_turn == 1 || knob.blocks > kMostClusterBlocks || knob.blocks <= largest_cluster(target),
              "the blocks that share a head are those of a cluster, or of a grid");
    m.require(knob.prefetch == 1, "a step of two products is long enough for x to come from L2");
}

ProductShare product_share(const Knobs& knob, const HeadShape& head, const Expr& octets, const Expr& m_warps) {
    Expr row_octets = octets * head.pass.rows, row_tiles = ceil_div(row_octets, 2),
         tiles = ceil_div(row_tiles, m_warps);
    return {.row_tiles = row_tiles,
            .tiles = tiles,
            .groups = ceil_div(Expr(head.column_groups()), knob.k_split),
            .sum_bytes = knob.k_split * knob.batch * ((octets * 8 * head.pass.rows + 23) / 32 * 32 + 8) * 4,
            .group_bytes = knob.warps * select(m_warps == 1, row_octets, 2 * tiles) * (kOctetPairBytes / 2)};
}

void require_warps(Model& m, const Knobs& knob, const ProductShare& more_rows, const Expr& m_warps,
                   const Expr& most_groups, std::int64_t all_groups) {
    m.require(knob.warps % knob.k_split == 0, "every part of the columns has the same number of warps");
    m.require(more_rows.tiles * (m_warps - 1) < more_rows.row_tiles, "every warp has rows of its own");
    m.require(knob.warps == 4 || knob.warps == 8 || knob.warps == 16, "the warps of a block fill all four schedulers");
    m.require(knob.warps <= 8 || most_groups * (knob.k_split - 1) < all_groups,
              "every warp has columns of its own, beyond eight");
    m.require(knob.chains == 1 || more_rows.tiles * (knob.batch / kMma.n) < 4,
              "four sums that do not wait for each other are enough");
}

void require_streams(Model& m, const Knobs& knob, const Target& target, const Expr& most_groups,
                     const std::function<Expr(const Expr&)>& stored, const Expr& sums, const Expr& most_octets) {
    m.require(knob.streamed_k <= most_groups, "no more columns come from L2 than there are");
    m.require(knob.in_turn == 1 || knob.streamed_k == 0 || stored(knob.streamed_k - 1) + sums > smem_available(target),
              "weights come from L2 in every step only where a block has no room for them");
    m.require(knob.in_turn == 0 || knob.streamed_k == most_groups,
              "a block that takes shares in turn keeps no weights");
    m.require(knob.in_turn == 0 || most_octets <= kMostShareOctets, "a share has few units");
}

}  // namespace warpsmith
