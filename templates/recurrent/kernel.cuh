// Recurrence of one head per block, or per cluster of blocks: h_t = cell(x_t, R h_(t-1) + bias), with R kept in
// registers and shared memory.
//
// Layouts: x [T,B,N,G,D], R [N,G,D,D] (output unit, input unit), bias [N,G,D], h [T,B,N,D], states [B,N,D].
// x, R, bias, h, h0, hT have type Element; every further state is f32 and comes as a pair of first and last value.
// Grid (N * blocks, ceil(B / batch)), in clusters of `blocks`: no cluster waits for another.
#pragma once

#include "recurrent/cluster.cuh"
#include "recurrent/fma.cuh"
#include "recurrent/tensor_core.cuh"

template <RecurrentConfig C, class Cell, class Element, int D, class... Further>
__global__ void __launch_bounds__(C.warps * 32)
    recurrent_forward(const Element* x, const Element* R, const Element* bias, const Element* h0, Element* h,
                      Element* hT, int T, int B, int N, Further... further) {
    static_assert(sizeof...(Further) == 2 * (Cell::states - 1), "a first and a last value for every state after h");
    float* const states[sizeof...(Further) + 1] = {further...};
    RecurrentTensors<Element> tensors{x, R, bias, h0, h, hT, states, T, B, N};
    if constexpr (is_same<Element, float>) {
        recurrent_fma<C, Cell, D>(tensors);
    } else if constexpr (C.blocks > 1) {
        recurrent_cluster<C, Cell, Element, D>(tensors);
    } else {
        recurrent_tensor_core<C, Cell, Element, D>(tensors);
    }
}
