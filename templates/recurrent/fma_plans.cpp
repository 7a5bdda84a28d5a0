// Plans in f32 arithmetic.
#include <algorithm>
#include <set>

#include "templates/occupancy.hpp"
#include "templates/recurrent/plans.hpp"

namespace warpsmith {
namespace {

// Cycles of a dependent fma on an H200, as bench/results/h200 has it.
constexpr std::int64_t kFmaLatency = 5;

// Beyond, the weights of four gates alone would fill a thread's registers.
constexpr std::int64_t kMostKeptColumns = 64;

// Of each cell of a thread beyond the fourth: without, one of 44 candidates of a GRU spilled 16 bytes.
constexpr std::int64_t kRegistersOfMoreCells = 3;

// What shares in turn take more for sm_100a: without, one of six candidates of a GRU spilled 80 bytes.
constexpr std::int64_t kMoreSharesRegisters = 24;

// Units of a share, on the way back and forward (in_turn_fma.cuh).
constexpr std::int64_t kShareUnits[] = {32, 16, 8, 4};

// Threads that have a unit each, whole warps of them, and columns of a head, which are read four at a time.
std::int64_t unit_threads(const HeadShape& head) {
    return (head.D + kWarpThreads - 1) / kWarpThreads * kWarpThreads;
}

std::int64_t columns(const HeadShape& head) {
    return (head.D + 3) / 4 * 4 * head.pass.columns;
}

// A block has the whole head, and each thread a unit and some sequences.
PlanAmounts one_block(Model& m, const Knobs& knob, const HeadShape& head) {
    const Pass& pass = head.pass;
    const std::int64_t units = unit_threads(head), k_end = columns(head);
    Expr turns = knob.in_turn == 1, threads = knob.warps * kWarpThreads;
    m.require(turns || knob.blocks == 1, "in f32 arithmetic a head is of one block, or taken in turn");
    m.require(turns || threads % units == 0,
              "every thread has a unit: whole groups of threads cover the units of a head");
    Expr groups = m.define("groups", threads / units);
    m.require(turns || (groups != 0 && knob.batch % max(groups, 1) == 0),
              "the groups of threads share the sequences of a block evenly");
    Expr own = knob.batch / max(groups, 1), cells = knob.batch * units;
    Expr stored = pass.rows * (k_end - knob.register_k) * units * 4;
    const std::int64_t inputs = pass.elements_in + pass.floats_in + pass.integers_in;
    return {.registers = pass.rows * knob.register_k +
                         own * (pass.rows + 4 + (knob.prefetch + 1) * inputs + head.S + head.P) + pass.rows * 5 +
                         head.P + max(own - 4, 0) * kRegistersOfMoreCells + kOtherRegisters,
            .smem = stored + 2 * knob.batch * k_end * 4,
            .macs = cells * pass.rows * k_end,
            .shared_bytes = stored * groups + cells * k_end / 32 * 4,
            .l2_bytes = 0,
            .cells = cells,
            .chain = k_end * kFmaLatency + kStepLatency};
}

// Blocks take shares in turn: forward a warp has a unit, on the way back a lane.
PlanAmounts in_turn(Model& m, const Knobs& knob, const HeadShape& head, const Target& target) {
    const Pass& pass = head.pass;
    const std::int64_t k_end = columns(head);
    Expr other = knob.in_turn == 0;
    Expr units = pass.backward ? Expr(kWarpThreads) : knob.warps, parts = pass.backward ? knob.warps : Expr(1);
    m.require(other || knob.blocks == ceil_div(Expr(head.D), units),
              pass.backward ? "each lane has a unit of a share" : "each warp has a unit of a share");
    m.require(other || knob.warps == 4 || knob.warps == 8 || knob.warps == 16,
              "four, eight or sixteen warps take a share");
    m.require(other || knob.batch <= 16, "the sums of a thread's unit, of all its sequences, fit in registers");
    m.require(other || (knob.register_k == 0 && knob.prefetch == 1),
              "a block that takes shares in turn keeps no weights, and has its inputs while it multiplies");
    Expr own = ceil_div(units * knob.batch, knob.warps * kWarpThreads);  // cells of a thread
    Expr cells = units * knob.batch, turns = knob.turns(m, target);
    Expr weights = units * pass.rows * k_end * 4, published = knob.batch * k_end * 4;
    const std::int64_t inputs = pass.elements_in + pass.floats_in + pass.integers_in + 2 * head.S + 2 * head.P;
    const std::int64_t of_target = takes_more_registers(target) ? kMoreSharesRegisters : 0;
    return {
        .registers = pass.rows * (knob.batch + 8) + own * (inputs + pass.rows + 4) + 16 + kOtherRegisters + of_target,
        .smem = knob.batch * kShareColumns * 4 + parts * pass.rows * cells * 4,
        .macs = turns * cells * pass.rows * k_end,
        .shared_bytes = turns * (pass.backward ? published : knob.warps * published),
        .l2_bytes = turns * (weights + published),
        .cells = turns * cells,
        .chain =
            kTurnStepLatency + turns * (kL2Latency * ceil_div(Expr(k_end), kShareColumns) + weights / kL2BytesToSm)};
}

// Whether one block cannot hold the weights of a head, or not easily.
bool is_large(const HeadShape& head, const Target& target) {
    return head.D % 4 == 0 && head.pass.rows * columns(head) * unit_threads(head) * 4 > target.smem_per_block / 2;
}

}  // namespace

std::int64_t most_kept_columns(const HeadShape& head) {
    return std::min(columns(head), kMostKeptColumns);
}

std::vector<std::int64_t> fma_block_counts(const HeadShape& head, const Target& target) {
    std::set<std::int64_t> counts = {1};
    for (std::int64_t own : kShareUnits) {
        counts.insert(is_large(head, target) ? (head.D + own - 1) / own : 1);
    }
    return {counts.begin(), counts.end()};
}

PlanAmounts fma_plan(Model& model, const Knobs& knob, const HeadShape& head, const Target& target) {
    return choose(knob.in_turn == 1, in_turn(model, knob, head, target), one_block(model, knob, head));
}

}  // namespace warpsmith
