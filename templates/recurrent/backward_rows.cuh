// The tensors of the backward pass of a recurrence, and where a step finds what it takes in.
#pragma once

#include "recurrent/rows_ahead.cuh"
#include "recurrent/units.cuh"

template <class Element>
struct BackwardTensors {
    const Element *x, *p, *R, *w, *h0, *h, *dh, *dhT;
    const float* moments;  // of a cell that normalises: normalised_passes.cuh
    const int* lengths;    // [B], where there are any
    const int* starts;     // [B+1], where sequences are packed
    const int* resets;     // [T,B], where there are any
    Element *dx, *dr, *dh0;
    float* dw;
    // f32; of each state after h in turn: first value, those of all steps, gradient of the last value, gradient of the
    // first.
    void* const* states;
    int T, B, N;
    const Element* projection;  // of units to h, where h is not the units' own: projected_passes.cuh
    Element* dh_total;          // there: all of the gradient of h, of every step
};

// What is let through of the gradient that R^T brings, as FlashRNN's gradient_recurrent_cut and
// gradient_recurrent_clip_val. Limit: RecurrentMode's recurrent_gradient.
template <int Limit>
__device__ float through_product(float gradient) {
    constexpr float limit = static_cast<float>(Limit);
    if constexpr (Limit < 0) {
        return 0.0f;
    } else if constexpr (Limit > 0) {
        return fminf(fmaxf(gradient, -limit), limit);
    } else {
        return gradient;
    }
}

// The row of the step before in the order of the forward pass; negative where that is the first one.
template <class Pass>
__device__ int row_before(const typename Pass::Tensors& in, Where at) {
    const int step = step_rows<Pass>(in), before = at.row + rows_to_next<Pass>(in);
    if constexpr (Pass::packed && !Pass::reversed) {
        return before < rows_of_sequence(in, at).end ? before : -1;
    } else if constexpr (Pass::batch_first) {  // the rows of other sequences are on both sides
        return at.steps == (Pass::reversed ? 0 : (in.T - 1) * step) ? -1 : before;
    } else {
        return Pass::reversed || before < in.T * step ? before : -1;
    }
}

// The row of [B,N] of the step that comes first in the forward pass. That it is counted from the steps keeps the
// compiler from holding an address for each state over all steps.
template <class Pass>
__device__ int first_row(const typename Pass::Tensors& in, Where at) {
    if constexpr (Pass::packed && !Pass::reversed) {
        return at.state;
    }
    const int here = Pass::batch_first ? at.state + at.steps : at.row;
    return Pass::reversed ? here : here - (in.T - 1) * step_rows<Pass>(in);
}

// What a block brings into L2 ahead of its use. The states before the first step lie elsewhere.
template <class Pass, int Threads, int Batch>
struct BackwardAhead {
    using Element = typename Pass::Type;
    using Tensors = typename Pass::Tensors;
    static constexpr int D = Pass::kUnitsOfHead, G = Pass::G, X = Pass::X, S = Pass::S;
    static constexpr bool packed = Pass::packed, resets = Pass::resets, kSummed = Pass::kSummed,
                          kReadsH = Pass::kReadsH;

    AheadOf<packed, Element, Threads, Batch, G * D> gates;
    AheadOf<packed, Element, Threads, Batch, X * D> inputs;
    AheadOf<packed, Element, Threads, Batch, D> units[kReadsH ? 2 : 1];
    AheadOf<packed, float, Threads, Batch, D> states[S > 1 ? S - 1 : 1];
    ResetsAhead<resets, Threads, Batch> flags;

    __device__ BackwardAhead(const Tensors& in, const Walk& walk) : flags(in.resets, walk, in.N) {
        const Walk before = step_before(walk);
        gates.start(in.p, walk);
        units[0].start(in.dh, walk);
        if constexpr (!kSummed) {
            inputs.start(in.x, walk);
        }
        if constexpr (kReadsH) {
            units[1].start(in.h, before);
        }
#pragma unroll
        for (int s = 1; s < S; ++s) {
            states[s - 1].start(Pass::state(in, s, 1), before);
        }
    }

    __device__ void next(const Walk& walk, int t) {
        const Walk before = step_before(walk);
        gates.next(walk, t);
        units[0].next(walk, t);
        if constexpr (!kSummed) {
            inputs.next(walk, t);
        }
        if constexpr (kReadsH) {
            units[1].next(before, t);
        }
#pragma unroll
        for (int s = 1; s < S; ++s) {
            states[s - 1].next(before, t);
        }
        flags.next(t);
    }

    __device__ static Walk step_before(const Walk& walk) {
        return {walk.first + walk.advance, walk.advance, walk.steps - 1, walk.sequences,
                walk.next_sequence,        walk.starts,  walk.heads};
    }
};
