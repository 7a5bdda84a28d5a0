// The ways to spread a head over SMs: what a configuration of each takes, and the limits that it must keep.
#pragma once

#include "templates/family.hpp"

namespace warpsmith {

// Of the recurrent kernels (config.cuh).
struct Knobs {
    Expr warps, batch, blocks, k_split, bulk, register_k, prefetch, chains, streamed_k, in_turn;

    Expr alone() const { return blocks == 1 && in_turn == 0; }
    Expr in_cluster() const;  // blocks of a cluster share a head
    Expr through_l2() const;  // blocks of a grid do, each with weights of its own
    // Shares of all heads and sequences, and what the fullest block takes of them one after another.
    Expr shares(const Model& model) const;
    Expr turns(const Model& model, const Target& target) const;
};

// What a pass makes of a cell: whether it goes back, and takes R transposed; sums per unit and step, values that a unit
// puts into the next product, and, per unit and step, elements and f32 numbers that are read and written; integers per
// sequence and step, which all its units read.
struct Pass {
    bool backward;
    std::int64_t rows, columns, elements_in, floats_in, elements_out, floats_out, integers_in;

    std::int64_t bytes(DType dtype) const {
        return size_bytes(dtype) * (elements_in + elements_out) + 4 * (floats_in + floats_out);
    }
};

// Tiles of 16 units, sequences in tiles of 8.
struct HeadShape {
    Pass pass;
    std::int64_t S, P, D, unit_tiles;
    std::int64_t taken;           // values that a product takes in of each of the pass's columns
    std::int64_t normalisations;  // over the units of a head, in a step
    std::int64_t element_bytes;
    std::int64_t terms;  // products of tensor cores that make one
    bool packed;         // sequences have places of their own

    std::int64_t gates() const { return pass.rows * pass.columns; }
    std::int64_t weight_bytes() const {
        return pass.rows * pass.columns * unit_tiles * unit_tiles * 256 * element_bytes;
    }
    // Tiles of 32 bytes of a row, which is what a product of tensor cores takes in: 16 columns of 16 bits, 8 of 32.
    // What counts them, or groups of two, counts the same time, bytes and registers for both.
    std::int64_t k_tiles() const { return pass.columns * unit_tiles * element_bytes / 2; }
    // Groups of 64 bytes of a row, of which warps take whole ones where blocks share a head.
    std::int64_t column_groups() const { return (taken * element_bytes / 16 * pass.columns + 3) / 4; }
    // Bytes that a sequence has of what the product takes in.
    std::int64_t taken_bytes() const { return taken * pass.columns * element_bytes; }
    // Registers of what a thread reads per pair of units and step, and of what it keeps for a pair.
    std::int64_t input_registers() const {
        return pass.elements_in * element_bytes / 2 + 2 * pass.floats_in + pass.integers_in;
    }
    // Where a product is of several terms: the parts of factors, for each tile of sequences and for a tile of rows.
    Expr part_registers(const Expr& n_tiles) const { return terms == 1 ? Expr(0) : 8 * n_tiles + 16; }
    std::int64_t held_registers() const { return 2 * S + (pass.backward ? 2 * P : 0); }
    std::int64_t unit_registers() const { return (pass.backward ? 0 : 2 * pass.rows) + 2 * P; }
};

// Amounts of one block and step.
struct PlanAmounts {
    Expr registers, smem, macs, shared_bytes, l2_bytes, cells, chain;
};

// Whether what was counted of sm_90a is not enough: the compiler takes more registers for the same kernel.
inline bool takes_more_registers(const Target& target) {
    return target.architecture.starts_with("sm_100");
}

// The first ones where the condition holds, else the others.
PlanAmounts choose(const Expr& condition, const PlanAmounts& first, const PlanAmounts& other);

// The plan that the knobs choose, on tensor cores or in f32 arithmetic. Adds its limits to the model.
PlanAmounts tensor_core_plan(Model& model, const Knobs& knob, const HeadShape& head, const Target& target);
PlanAmounts fma_plan(Model& model, const Knobs& knob, const HeadShape& head, const Target& target);

// The plans of cells with two products in a step, or with one, where `second` has no gates, that is normalised, on
// tensor cores and in f32 arithmetic. What a pass does besides products is that of `first`. Adds their limits to the
// model.
PlanAmounts two_product_plan(Model& model, const Knobs& knob, const HeadShape& first, const HeadShape& second,
                             const Target& target);
PlanAmounts two_product_fma_plan(Model& model, const Knobs& knob, const HeadShape& first, const HeadShape& second,
                                 const Target& target);

// Both parts of a step of a cell whose h is projected (projected_passes.cuh), in the order in which a pass takes them.
struct ProjectedHeads {
    HeadShape first, second;

    const HeadShape& units() const { return first.pass.backward ? second : first; }
    const HeadShape& of_h() const { return first.pass.backward ? first : second; }
};

PlanAmounts projected_plan(Model& model, const Knobs& knob, const ProjectedHeads& heads, const Target& target);
PlanAmounts projected_fma_plan(Model& model, const Knobs& knob, const ProjectedHeads& heads, const Target& target);

// What may stand in their knobs.
struct TwoProductCounts {
    std::vector<std::int64_t> blocks, streamed_k;
};
TwoProductCounts two_product_counts(const HeadShape& head, const Target& target, bool in_f32);

// Numbers of blocks that may share a head on a target, 1 first.
std::vector<std::int64_t> block_counts(const HeadShape& head, const Target& target);
std::vector<std::int64_t> fma_block_counts(const HeadShape& head, const Target& target);

// Columns of the weights that a thread may keep in registers in f32 arithmetic.
std::int64_t most_kept_columns(const HeadShape& head);

// Whether recurrent weights of so many bytes are more than a third of the shared memory and registers of a block:
// from there on there are passes and targets for which no block can hold a head alone.
bool crowd_a_block(std::int64_t weight_bytes, const Target& target);

// Cycles on an H200, as bench/results/h200 has them: a dependent mma.sync m16n8k16, and a barrier of the grid.
inline constexpr std::int64_t kMmaLatency = 25;
inline constexpr std::int64_t kGridBarrier = 1'100;

// As config.cuh has it: more blocks hand h on through L2.
inline constexpr std::int64_t kMostClusterBlocks = 16;

// As config.cuh has them: registers for what is on its way from L2, and f32 columns in shared memory at once.
inline constexpr std::int64_t kWordsUnderWay = 80;
inline constexpr std::int64_t kShareColumns = 256;

// Octets of units of a share at most, where blocks take them in turn.
inline constexpr std::int64_t kMostShareOctets = 8;

// Of a group of columns of two octets of rows: 32 lanes have 32 bytes each.
inline constexpr std::int64_t kOctetPairBytes = 1024;

// As config.cuh has it: bytes of a block of a grid that may have two copies of its sums.
inline constexpr std::int64_t kRoomForTwoSums = 96 * 1024;

// Cycles of a barrier of a block.
inline constexpr std::int64_t kBlockBarrier = 30;

// What a step takes besides its shares, where blocks take them in turn: a barrier of the grid, and the chain from the
// sums to the values of the next product.
inline constexpr std::int64_t kTurnStepLatency = kGridBarrier + 300;

// From L2 to one SM, and to all together, per cycle; and its answer under load.
inline constexpr std::int64_t kL2BytesToSm = 64;
inline constexpr std::int64_t kL2BytesToAll = 4'000;
inline constexpr std::int64_t kL2Latency = 600;

// Cycles that are left of measured steps of one block besides the product and its arithmetic: ldmatrix, the chain of
// the cell's special functions, the store to shared memory, the barrier, addresses.
inline constexpr std::int64_t kStepLatency = 350;

// What each tile of rows beyond the fourth takes besides weights and sums: with less, candidates of six tiles spilled 8
// to 36 bytes.
inline constexpr std::int64_t kRegistersOfMoreTiles = 12;

// Addresses of the weights of each tile of rows, where they come from L2.
inline constexpr std::int64_t kShareAddressRegisters = 4;

// Registers that neither weights, sums, inputs nor states account for: addresses, counters, fragments in flight.
inline constexpr std::int64_t kOtherRegisters = 50;
inline constexpr std::int64_t kOtherGridRegisters = 68;  // where blocks share a head through L2

}  // namespace warpsmith
