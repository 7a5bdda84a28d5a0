// Plans of cells whose h is projected (projected.cuh).
#include <algorithm>

#include "templates/mma_shapes.hpp"
#include "templates/occupancy.hpp"
#include "templates/recurrent/products_of_step.hpp"

namespace warpsmith {
namespace {

// Registers of what a thread has for so many items of a part.
Expr item_registers(const HeadShape& head, const Expr& items, std::int64_t units_of_item) {
    const Pass& pass = head.pass;
    const std::int64_t inputs =
        units_of_item == 1 ? pass.elements_in + pass.floats_in + pass.integers_in : head.input_registers();
    return items * (inputs + units_of_item * (pass.rows + head.P) + units_of_item * head.S +
                    (pass.backward ? units_of_item * head.P : 0) + 4);
}

// A launch has both parts at a time, or takes them in turn.
Expr of_both(const Knobs& knob, const Expr& first, const Expr& second) {
    return select(knob.in_turn == 1, max(first, second), first + second);
}

// Barriers and chains of a step.
Expr step_latency(const Knobs& knob) {
    return 2 * (kChainLatency + barrier_latency(knob));
}

// What both parts say of sizes.
void require_sizes(Model& m, const ProjectedHeads& heads, std::int64_t multiple) {
    m.require(Expr(heads.units().D % multiple) == 0 && Expr(heads.of_h().D % multiple) == 0,
              "what the products take in is read 16 bytes at a time");
    m.require(Expr(heads.of_h().D) <= heads.units().D, "units are projected to no more values than they are");
}

}  // namespace

PlanAmounts projected_plan(Model& m, const Knobs& knob, const ProjectedHeads& heads, const Target& target) {
    const HeadShape &first = heads.first, &second = heads.second;
    require_shared(m, knob, target);
    require_sizes(m, heads, 8);
    const std::int64_t all_octets = heads.units().D / 8;
    Expr octets = m.define("octets", ceil_div(all_octets, knob.blocks));  // of units, per block
    Expr octets_of_h = ceil_div(heads.of_h().D / 8, knob.blocks);
    Expr m_warps = max(knob.warps / knob.k_split, 1);
    const ProductShare a = product_share(knob, first, first.pass.backward ? octets_of_h : octets, m_warps),
                       b = product_share(knob, second, first.pass.backward ? octets : octets_of_h, m_warps);
    const ProductShare& more_rows = first.pass.backward ? b : a;  // units are no fewer, and have no fewer sums
    Expr most_groups = m.define("column_groups", max(a.groups, b.groups));
    m.require(octets * (knob.blocks - 1) < all_octets, "every block has units of its own");
    require_warps(m, knob, more_rows, m_warps, most_groups, std::max(first.column_groups(), second.column_groups()));
    auto stored = [&](const Expr& streamed) {
        return a.group_bytes * max(a.groups - streamed, 0) + b.group_bytes * max(b.groups - streamed, 0);
    };
    Expr sums = max(a.sum_bytes, b.sum_bytes);
    require_streams(m, knob, target, most_groups, stored, sums, octets);
    Expr turns = select(knob.in_turn == 1, knob.turns(m, target), Expr(1));
    Expr n_tiles = knob.batch / kMma.n, cells = knob.batch * octets * 8, cells_of_h = knob.batch * octets_of_h * 8;
    auto pairs = [&](const Expr& of_cells) { return ceil_div(of_cells / 2, knob.warps * kWarpThreads); };
    Expr unit_items = item_registers(heads.units(), pairs(cells), 2),
         h_items = item_registers(heads.of_h(), pairs(cells_of_h), 2);
    Expr most_tiles = max(a.tiles, b.tiles);
    Expr streamed = a.group_bytes * min(a.groups, knob.streamed_k) + b.group_bytes * min(b.groups, knob.streamed_k);
    Expr l2_bytes = turns * (streamed + knob.batch * (first.taken_bytes() + second.taken_bytes()));
    Expr blocks_at_once = min(knob.shares(m), target.sms);
    return {.registers = most_tiles * n_tiles * 4 * knob.chains + n_tiles * 4 +
                         max(most_tiles * 8 + n_tiles * 4, kWordsUnderWay) +
                         max(most_tiles - 4, 0) * kRegistersOfMoreTiles +
                         select(knob.in_turn == 1, most_tiles * kShareAddressRegisters + n_tiles * 4 + 16, Expr(0)) +
                         of_both(knob, unit_items, h_items) + kOtherTwoProductRegisters + first.part_registers(n_tiles),
            .smem = stored(knob.streamed_k) + sums,
            .macs = knob.warps * (kMma.m * 32 * first.terms) * knob.batch * turns *
                    (a.tiles * a.groups + b.tiles * b.groups),
            .shared_bytes = stored(knob.streamed_k) + 2 * turns * (a.sum_bytes + b.sum_bytes),
            .l2_bytes = l2_bytes,
            .cells = turns * cells,
            .chain = ceil_div(turns * (a.groups + b.groups) * 2, knob.chains) * (kMmaLatency * first.terms) +
                     step_latency(knob) + 2 * turns * kL2Latency +
                     max(l2_bytes / kL2BytesToSm, blocks_at_once * l2_bytes / kL2BytesToAll)};
}

PlanAmounts projected_fma_plan(Model& m, const Knobs& knob, const ProjectedHeads& heads, const Target& target) {
    const bool backward = heads.first.pass.backward;
    require_shared(m, knob, target);
    require_sizes(m, heads, 4);
    Expr at_once = backward ? Expr(kWarpThreads) : knob.warps, parts = backward ? knob.warps : Expr(1);
    Expr rounds = m.define("rounds", ceil_div(ceil_div(Expr(heads.units().D), at_once), knob.blocks));
    Expr rounds_of_h = ceil_div(ceil_div(Expr(heads.of_h().D), at_once), knob.blocks);
    m.require(knob.in_turn == 0 || rounds == 1, "a share has as many units as its warps take at once");
    m.require(rounds * at_once * (knob.blocks - 1) < heads.units().D, "every block has units of its own");
    m.require(knob.warps == 4 || knob.warps == 8 || knob.warps == 16, "four, eight or sixteen warps share a head");
    m.require(knob.k_split == 1 && knob.chains == 1, "in f32 arithmetic a warp has its units' columns alone");
    m.require(knob.batch <= 16, "the sums of a thread's unit, of all its sequences, fit in registers");
    Expr turns = select(knob.in_turn == 1, knob.turns(m, target), Expr(1));
    auto cells_of = [&](const Expr& of_rounds) { return of_rounds * at_once * knob.batch; };
    auto items_of = [&](const Expr& of_rounds) { return ceil_div(cells_of(of_rounds), knob.warps * kWarpThreads); };
    const HeadShape &units = heads.units(), &of_h = heads.of_h();
    Expr unit_sums = rounds * units.pass.rows, h_sums = rounds_of_h * of_h.pass.rows;
    // Weights of one of `at_once` rows, and what the products take in of a sequence, in numbers.
    Expr weights = rounds * (units.gates() * units.taken) + rounds_of_h * (of_h.gates() * of_h.taken);
    Expr taken = rounds * (units.pass.columns * units.taken) + rounds_of_h * (of_h.pass.columns * of_h.taken);
    Expr weight_bytes = turns * at_once * weights * 4, published = turns * knob.batch * taken * 4;
    return {.registers = std::max(units.pass.rows, of_h.pass.rows) * knob.batch + 4 * knob.batch + 8 +
                         of_both(knob, item_registers(units, items_of(rounds), 1),
                                 item_registers(of_h, items_of(rounds_of_h), 1)) +
                         16 + kOtherRegisters,
            .smem = knob.batch * kShareColumns * 4 + parts * max(unit_sums, h_sums) * at_once * knob.batch * 4,
            .macs = turns * at_once * knob.batch * weights,
            .shared_bytes = backward ? published : knob.warps * published,
            .l2_bytes = weight_bytes + published,
            .cells = turns * cells_of(rounds),
            .chain =
                step_latency(knob) + kL2Latency * turns * ceil_div(taken, kShareColumns) + weight_bytes / kL2BytesToSm};
}

}  // namespace warpsmith
