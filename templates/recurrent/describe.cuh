// Tells the host what a cell is: `out` gets, as 32-bit integers, gates, states, inputs, parameters, whether there is a
// product, whether it is used in sums alone, gates whose product takes in h, whether products are normalised, whether
// what is in the middle of the step is, and whether h is projected; then the step, and, where there is one, `between`.
// Each is its entries of the trace, for each state the entry that it is after the step, and for each entry its
// operation, three operands and the bits of its value. One thread.
#pragma once

#include "recurrent/trace.cuh"

template <class Cell, int I>
__device__ void describe_entries(int* out) {
    constexpr Trace trace = kTrace<Cell>.trace;
    if constexpr (I < trace.count) {
        constexpr TraceEntry entry = trace.entries[I];
        out[0] = static_cast<int>(entry.operation);
        out[1] = entry.a;
        out[2] = entry.b;
        out[3] = entry.c;
        out[4] = __float_as_int(entry.value);
        describe_entries<Cell, I + 1>(out + 5);
    }
}

template <class Cell, int S>
__device__ void describe_states(int* out) {
    if constexpr (S < Cell::states) {
        constexpr int after = kTrace<Cell>.after[S];
        out[S] = after;
        describe_states<Cell, S + 1>(out);
    }
}

template <class Cell>
__device__ int* describe_step(int* out) {
    constexpr int count = kTrace<Cell>.trace.count;
    out[0] = count;
    describe_states<Cell, 0>(out + 1);
    describe_entries<Cell, 0>(out + 1 + Cell::states);
    return out + 1 + Cell::states + 5 * count;
}

template <class Cell>
__global__ void describe_cell(int* out) {
    static_assert(!kProjects<Cell> || !kStepReadsH<Cell>,
                  "the step of a cell whose h is projected does not read state[0]");
    out[0] = Cell::gates;
    out[1] = Cell::states;
    out[2] = kInputs<Cell>;
    out[3] = kParameters<Cell>;
    out[4] = kHasProduct<Cell> ? 1 : 0;
    out[5] = sums_every_gate<Cell>() ? 1 : 0;
    out[6] = kFirstGates<Cell>;
    out[7] = kNormalises<Cell> ? 1 : 0;
    out[8] = kNormalisesBetween<Cell> ? 1 : 0;
    out[9] = kProjects<Cell> ? 1 : 0;
    out = describe_step<Cell>(out + 10);
    if constexpr (kHasBetween<Cell>) {
        describe_step<BetweenCell<Cell>>(out);
    }
}
