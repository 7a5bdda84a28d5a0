// Plans of cells with two products in a step (two_products.cuh), and of those that normalise (normalised.cuh,
// normalised_in_turn.cuh).
#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <span>

#include "templates/mma_shapes.hpp"
#include "templates/occupancy.hpp"
#include "templates/recurrent/products_of_step.hpp"

namespace warpsmith {
namespace {

// Units that warps have at once: in f32 forward one each, on the way back one per lane.
constexpr std::array<std::int64_t, 4> kUnitsInF32 = {4, 8, 16, 32};
constexpr std::array<std::int64_t, 1> kUnitsOnTensorCores = {8};

// Numbers of blocks of a grid that are tried: the largest ones.
constexpr std::size_t kMostGrids = 4;

// What a block of a grid leaves of a step: two rounds of two numbers.
constexpr std::int64_t kBlockSumBytes = 16;

// Shuffles and the loads of other blocks' sums.
constexpr std::int64_t kNormalisationLatency = 250;

void require_common(Model& m, const Knobs& knob, const HeadShape& first, const Target& target,
                    std::int64_t element_bytes) {
    require_shared(m, knob, target);
    if (first.normalisations > 0) {
        m.require((!knob.through_l2() && knob.in_turn == 0) ||
                      knob.blocks * kBlockSumBytes <= first.pass.columns * first.D * element_bytes,
                  "the sums of all that share a head through L2 lie where the values of a step will");
    }
}

// What a thread has of one item from the first product to the second one.
std::int64_t between_registers(const HeadShape& first, const HeadShape& second) {
    return first.pass.backward ? first.pass.elements_out + second.pass.columns + first.normalisations
                               : first.pass.rows + 1;
}

// Parts of a step, with a barrier behind each: both products, or one and what is normalised.
std::int64_t parts_of_step(const HeadShape& head) {
    return head.normalisations > 0 ? 1 + head.normalisations : 2;
}

// How often a block computes the first product in a step: in turn for each share and part.
Expr first_products(const Knobs& knob, const HeadShape& head, const Expr& turns) {
    return select(knob.in_turn == 1, parts_of_step(head) * turns, Expr(1));
}

// Barriers and chains of a step; where sums of packed sequences lie where its values will be, with one more.
Expr step_latency(const Knobs& knob, const HeadShape& head, const Expr& first_products) {
    Expr more = select(knob.through_l2() || knob.in_turn == 1,
                       Expr(head.packed && head.normalisations > 0 ? kGridBarrier : 0), Expr(0));
    return parts_of_step(head) * (kChainLatency + barrier_latency(knob)) + more +
           first_products * (head.normalisations * kNormalisationLatency);
}

// Shared memory for the sums of a product and, of a cell that normalises, those over units: a slot for each part of a
// sequence, in the same place, and three copies of the results.
Expr shared_sums(const Knobs& knob, const HeadShape& head, const Expr& sum_bytes, const Expr& slots) {
    return head.normalisations == 0 ? sum_bytes : max(sum_bytes, knob.batch * slots * 12) + 16 + knob.batch * 24;
}

}  // namespace

TwoProductCounts two_product_counts(const HeadShape& head, const Target& target, bool in_f32) {
    std::set<std::int64_t> blocks, grids, turns;
    for (const std::int64_t units : in_f32 ? std::span<const std::int64_t>(kUnitsInF32) : kUnitsOnTensorCores) {
        const std::int64_t all = (head.D + units - 1) / units;
        for (std::int64_t own = 1; own <= all; ++own) {
            const std::int64_t count = (all + own - 1) / own;
            (count <= kMostClusterBlocks ? blocks : grids).insert(count);
            if (own <= (in_f32 ? 1 : kMostShareOctets)) {
                turns.insert(count);
            }
        }
    }
    std::erase_if(blocks, [&](std::int64_t count) { return count > largest_cluster(target); });
    std::erase_if(grids, [&](std::int64_t count) { return count > target.sms; });
    for (std::size_t i = 0; i < kMostGrids && !grids.empty(); ++i) {
        blocks.insert(grids.extract(std::prev(grids.end())));
    }
    blocks.merge(turns);
    TwoProductCounts counts{{blocks.begin(), blocks.end()}, {0}};
    for (std::int64_t k = 1; !in_f32 && k <= head.column_groups(); ++k) {
        counts.streamed_k.push_back(k);
    }
    return counts;
}

PlanAmounts two_product_plan(Model& m, const Knobs& knob, const HeadShape& first, const HeadShape& second,
                             const Target& target) {
    require_common(m, knob, first, target, first.element_bytes);
    const std::int64_t all_octets = first.D / 8;
    Expr octets = m.define("octets", ceil_div(all_octets, knob.blocks));  // of units, per block
    Expr m_warps = max(knob.warps / knob.k_split, 1);
    const ProductShare a = product_share(knob, first, octets, m_warps),
                       b = product_share(knob, second, octets, m_warps);
    const ProductShare& more_rows = first.pass.rows < second.pass.rows ? b : a;
    Expr most_groups = m.define("column_groups", max(a.groups, b.groups));
    m.require(Expr(first.D % 8) == 0, "what the products take in is read 16 bytes at a time");
    m.require(octets * (knob.blocks - 1) < all_octets, "every block has units of its own");
    require_warps(m, knob, more_rows, m_warps, most_groups, std::max(first.column_groups(), second.column_groups()));
    auto stored = [&](const Expr& streamed) {
        return a.group_bytes * max(a.groups - streamed, 0) + b.group_bytes * max(b.groups - streamed, 0);
    };
    Expr sums = shared_sums(knob, first, max(a.sum_bytes, b.sum_bytes), octets * 4);
    require_streams(m, knob, target, most_groups, stored, sums, octets);
    Expr turns = select(knob.in_turn == 1, knob.turns(m, target), Expr(1));
    Expr firsts = first_products(knob, first, turns);
    Expr n_tiles = knob.batch / kMma.n, cells = knob.batch * octets * 8;
    Expr pairs = ceil_div(cells / 2, knob.warps * kWarpThreads);  // of units, per thread
    Expr most_tiles = max(a.tiles, b.tiles);
    Expr under_way = max(most_tiles * 8 + n_tiles * 4, kWordsUnderWay);
    Expr streamed = firsts * a.group_bytes * min(a.groups, knob.streamed_k) +
                    turns * b.group_bytes * min(b.groups, knob.streamed_k);
    Expr l2_bytes = streamed + knob.batch * (firsts * first.taken_bytes() + turns * second.taken_bytes());
    Expr blocks_at_once = min(knob.shares(m), target.sms);
    // What is between both products is there while the second one is computed; that of a step that normalises is not.
    Expr between = pairs * 2 * between_registers(first, second);
    Expr working = first.normalisations > 0 ? max(under_way, between) : under_way + between;
    return {.registers = most_tiles * n_tiles * 4 * knob.chains + n_tiles * 4 + working +
                         max(most_tiles - 4, 0) * kRegistersOfMoreTiles +
                         select(knob.in_turn == 1, most_tiles * kShareAddressRegisters + n_tiles * 4 + 16, Expr(0)) +
                         pairs * (first.input_registers() + 2 * first.pass.rows + 2 * second.pass.rows + 2 * first.P +
                                  first.held_registers() + 4) +
                         kOtherTwoProductRegisters + first.part_registers(n_tiles),
            .smem = stored(knob.streamed_k) + sums,
            .macs = knob.warps * (kMma.m * 32 * first.terms) * knob.batch *
                    (firsts * a.tiles * a.groups + turns * b.tiles * b.groups),
            .shared_bytes = stored(knob.streamed_k) + 2 * (firsts * a.sum_bytes + turns * b.sum_bytes),
            .l2_bytes = l2_bytes,
            .cells = turns * cells,
            .chain = ceil_div((firsts * a.groups + turns * b.groups) * 2, knob.chains) * (kMmaLatency * first.terms) +
                     step_latency(knob, first, firsts) + (second.gates() == 0 ? firsts : firsts + turns) * kL2Latency +
                     max(l2_bytes / kL2BytesToSm, blocks_at_once * l2_bytes / kL2BytesToAll)};
}

PlanAmounts two_product_fma_plan(Model& m, const Knobs& knob, const HeadShape& first, const HeadShape& second,
                                 const Target& target) {
    require_common(m, knob, first, target, 4);
    const bool backward = first.pass.backward;
    Expr units = backward ? Expr(kWarpThreads) : knob.warps, parts = backward ? knob.warps : Expr(1);
    Expr rounds = m.define("rounds", ceil_div(ceil_div(Expr(first.D), units), knob.blocks));
    m.require(Expr(first.D % 4) == 0, "what the products take in is read 16 bytes at a time");
    m.require(knob.in_turn == 0 || rounds == 1, "a share has as many units as its warps take at once");
    m.require(rounds * units * (knob.blocks - 1) < first.D, "every block has units of its own");
    m.require(knob.warps == 4 || knob.warps == 8 || knob.warps == 16, "four, eight or sixteen warps share a head");
    m.require(knob.k_split == 1 && knob.chains == 1, "in f32 arithmetic a warp has its units' columns alone");
    m.require(knob.batch <= 16, "the sums of a thread's unit, of all its sequences, fit in registers");
    const std::int64_t most_rows = std::max(first.pass.rows, second.pass.rows);
    const std::int64_t columns = first.pass.columns + second.pass.columns;  // gates
    const std::int64_t weights = backward ? columns : first.pass.rows + second.pass.rows;
    Expr cells = rounds * units * knob.batch;
    Expr items = ceil_div(cells, knob.warps * kWarpThreads);  // of a thread
    const std::int64_t inputs = first.pass.elements_in + first.pass.floats_in + first.pass.integers_in;
    Expr turns = first_products(knob, first, knob.turns(m, target));
    Expr weight_bytes = turns * rounds * units * weights * first.D * 4;
    Expr published = turns * rounds * knob.batch * first.D * columns * 4;
    return {.registers = most_rows * knob.batch + 4 * knob.batch + 8 +
                         items * (inputs + 2 * first.S + 2 * first.P + first.pass.rows + second.pass.rows +
                                  between_registers(first, second) + 4) +
                         16 + kOtherRegisters,
            .smem = knob.batch * kShareColumns * 4 +
                    shared_sums(knob, first, parts * most_rows * cells * 4, rounds * units),
            .macs = turns * cells * weights * first.D,
            .shared_bytes = backward ? published : knob.warps * published,
            .l2_bytes = weight_bytes + published,
            .cells = turns * cells,
            .chain = step_latency(knob, first, turns) +
                     kL2Latency * turns * rounds * ceil_div(Expr(first.D * columns), kShareColumns) +
                     weight_bytes / kL2BytesToSm};
}

}  // namespace warpsmith
