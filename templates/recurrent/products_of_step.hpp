// What plans with more than one product in a step, or with one and a barrier of its own behind it, have in common.
#pragma once

#include <functional>

#include "templates/recurrent/plans.hpp"

namespace warpsmith {

// As kOtherRegisters: loads under way are most of what a thread has, and the compiler makes do with fewer.
inline constexpr std::int64_t kOtherTwoProductRegisters = 32;

// From a product to the values that the next one takes in, but for the barrier.
inline constexpr std::int64_t kChainLatency = 300;

Expr barrier_latency(const Knobs& knob);

// That the blocks that share a head can wait for each other.
void require_shared(Model& m, const Knobs& knob, const Target& target);

// What a block has of one product on tensor cores: tiles of rows, of all warps and of one, groups of columns of a warp,
// bytes of sums, and of a group of weights.
struct ProductShare {
    Expr row_tiles, tiles, groups, sum_bytes, group_bytes;
};
ProductShare product_share(const Knobs& knob, const HeadShape& head, const Expr& octets, const Expr& m_warps);

// Limits of two products that the same warps share, the one with more rows among them; all_groups: of columns, of the
// longer one.
void require_warps(Model& m, const Knobs& knob, const ProductShare& more_rows, const Expr& m_warps,
                   const Expr& most_groups, std::int64_t all_groups);

// Limits of what comes from L2 in every step. stored: bytes of weights in shared memory, where so many groups do not
// stay there; most_octets: of a block.
void require_streams(Model& m, const Knobs& knob, const Target& target, const Expr& most_groups,
                     const std::function<Expr(const Expr&)>& stored, const Expr& sums, const Expr& most_octets);

}  // namespace warpsmith
