// Where what a product takes in lies, of packed sequences.
#pragma once

#include "common/grid.cuh"
#include "recurrent/units.cuh"

// Rows of `Row` elements of the sequences from b0 on: of step t of the walk, or, of a sequence that has no such step,
// of states; where there are none, zero. With states alone, of those sequences that have the step.
template <class Pass, int Row>
struct PackedTakenIn {
    using T = typename Pass::Type;
    const typename Pass::Tensors& in;
    const T *steps, *states;
    int b0, n, t;

    __device__ bool exists() const { return true; }
    __device__ uint4 load(int sequence, int k) const {
        const T* const row = row_of_sequence(sequence);
        return row != nullptr ? load_relaxed_16(row + k) : make_uint4(0, 0, 0, 0);
    }

    // Null where it is zero.
    __device__ const T* row_of_sequence(int sequence) const {
        const Where at = place(sequence), here = in_rows(in, at);
        const bool exists = has_step(sequence);
        if (exists && steps != nullptr) {
            return row_of<Row>(steps, here.row);
        }
        const bool of_states = states != nullptr && (steps != nullptr ? at.inside : exists);
        return of_states ? row_of<Row>(states, at.state) : nullptr;
    }

    __device__ bool has_step(int sequence) const { return t >= 0 && in_rows(in, place(sequence)).inside; }

  private:
    // Where its row would be, counted from its own first one.
    __device__ Where place(int sequence) const {
        return where_of<Pass>(in, b0 + sequence, n, t < 0 ? 0 : rows_before<Pass>(in, t), 0);
    }
};
