// The ways to spread a head over SMs: what a configuration of each takes, and the limits that it must keep.
#pragma once

#include "templates/family.hpp"

namespace warpsmith {

// Of the recurrent kernels (config.cuh).
struct Knobs {
    Expr warps, batch, blocks, k_split, bulk, register_k, prefetch, chains, streamed_k;

    Expr alone() const { return blocks == 1; }
    Expr in_cluster() const;  // blocks of a cluster share a head
    Expr through_l2() const;  // blocks of a grid do
};

// What a pass makes of a cell: sums per unit and step, values that a unit puts into the next product, and, per unit and
// step, elements and f32 numbers that are read and written.
struct Pass {
    std::int64_t rows, columns, elements_in, floats_in, elements_out, floats_out;

    std::int64_t bytes(DType dtype) const {
        return size_bytes(dtype) * (elements_in + elements_out) + 4 * (floats_in + floats_out);
    }
};

// Tiles of 16 units, sequences in tiles of 8.
struct HeadShape {
    Pass pass;
    std::int64_t S, P, D, unit_tiles;

    std::int64_t k_tiles() const { return pass.columns * unit_tiles; }
    // Groups of 32 columns, of which warps take whole ones where blocks share a head.
    std::int64_t column_groups() const { return (D / 8 * pass.columns + 3) / 4; }
    // Registers of what a thread reads per pair of units and step, and of what it keeps for a pair.
    std::int64_t input_registers() const { return pass.elements_in + 2 * pass.floats_in; }
    std::int64_t held_registers() const { return 2 * S + (pass.columns > 1 ? 2 * P : 0); }
    std::int64_t unit_registers() const { return (pass.columns > 1 ? 0 : 2 * pass.rows) + 2 * P; }
};

// Amounts of one block and step.
struct PlanAmounts {
    Expr registers, smem, tensor_macs, shared_bytes, l2_bytes, cells, chain;
};

// The plan that the knobs choose. Adds its limits to the model.
PlanAmounts plan(Model& model, const Knobs& knob, const HeadShape& head, const Target& target);

// Numbers of blocks that may share a head of D units on a target, 1 first.
std::vector<std::int64_t> block_counts(std::int64_t D, const Target& target);

// Cycles that are left of measured steps of one block besides the product and its arithmetic: ldmatrix, the chain of
// the cell's special functions, the store to shared memory, the barrier, addresses.
inline constexpr std::int64_t kStepLatency = 350;

// Registers that neither weights, sums, inputs nor states account for: addresses, counters, fragments in flight.
inline constexpr std::int64_t kOtherRegisters = 50;

}  // namespace warpsmith
