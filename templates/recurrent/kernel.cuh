// Recurrence of one head per block, or of one that blocks share, with R kept in registers and shared memory: forward,
// h_t = cell(x_t, R h_(t-1) + bias), the same for training, and backward. Layouts: forward.cuh, backward.cuh.
//
// Tensors whose type is not Element are f32. Grid (N * blocks, ceil(B / batch)), in clusters of `blocks`: no cluster
// waits for another. Where `blocks` is more than a cluster has, the launch is cooperative instead.
#pragma once

#include "recurrent/backward.cuh"
#include "recurrent/cluster.cuh"
#include "recurrent/fma.cuh"
#include "recurrent/forward.cuh"
#include "recurrent/grid.cuh"
#include "recurrent/tensor_core.cuh"

template <RecurrentConfig C, class Pass, int D>
__device__ void run_recurrence(const typename Pass::Tensors& tensors) {
    if constexpr (is_same<typename Pass::Type, float>) {
        recurrent_fma<C, Pass, D>(tensors);
    } else if constexpr (through_l2(C)) {
        recurrent_grid<C, Pass, D>(tensors);
    } else if constexpr (C.blocks > 1) {
        recurrent_cluster<C, Pass, D>(tensors);
    } else {
        recurrent_tensor_core<C, Pass, D>(tensors);
    }
}

// further: w of a cell with parameters; of each state after h, first and last value.
template <RecurrentConfig C, class Cell, class Element, int D, class... Further>
__global__ void __launch_bounds__(C.warps * 32)
    recurrent_forward(const Element* x, const Element* R, const Element* bias, const Element* h0, Element* h,
                      Element* hT, int T, int B, int N, Further... further) {
    using Pass = ForwardPass<Cell, Element, D, false>;
    static_assert(sizeof...(Further) == Pass::kFurther, "as the family passes them");
    void* const pointers[Pass::kFurther + 1] = {further...};
    const Element* w = Pass::P > 0 ? static_cast<const Element*>(pointers[0]) : nullptr;
    run_recurrence<C, Pass, D>({x, R, bias, w, h0, h, hT, nullptr, pointers + (Pass::P > 0), T, B, N});
}

// further: w of a cell with parameters; of each state after h, first and last value and those of all steps.
template <RecurrentConfig C, class Cell, class Element, int D, class... Further>
__global__ void __launch_bounds__(C.warps * 32)
    recurrent_training(const Element* x, const Element* R, const Element* bias, const Element* h0, Element* h,
                       Element* hT, Element* p, int T, int B, int N, Further... further) {
    using Pass = ForwardPass<Cell, Element, D, true>;
    static_assert(sizeof...(Further) == Pass::kFurther, "as the family passes them");
    void* const pointers[Pass::kFurther + 1] = {further...};
    const Element* w = Pass::P > 0 ? static_cast<const Element*>(pointers[0]) : nullptr;
    run_recurrence<C, Pass, D>({x, R, bias, w, h0, h, hT, p, pointers + (Pass::P > 0), T, B, N});
}

// further: w and dw of a cell with parameters; x and dr of a cell that does not use x and the product in their sum
// alone; of each state after h, first value, those of all steps, and gradients of the last and the first value.
template <RecurrentConfig C, class Cell, class Element, int D, class... Further>
__global__ void __launch_bounds__(C.warps * 32)
    recurrent_backward(const Element* p, const Element* R, const Element* h0, const Element* h, const Element* dh,
                       const Element* dhT, Element* dx, Element* dh0, int T, int B, int N, Further... further) {
    using Pass = BackwardPass<Cell, Element, D>;
    static_assert(sizeof...(Further) == Pass::kFurther, "as the family passes them");
    void* const pointers[Pass::kFurther + 2] = {further...};
    constexpr int gates = Pass::P > 0 ? 2 : 0, states = gates + (Pass::kSummed ? 0 : 2);
    const Element* w = Pass::P > 0 ? static_cast<const Element*>(pointers[0]) : nullptr;
    float* dw = Pass::P > 0 ? static_cast<float*>(pointers[1]) : nullptr;
    const Element* x = Pass::kSummed ? nullptr : static_cast<const Element*>(pointers[gates]);
    Element* dr = Pass::kSummed ? nullptr : static_cast<Element*>(pointers[gates + 1]);
    run_recurrence<C, Pass, D>({x, p, R, w, h0, h, dh, dhT, dx, dr, dh0, dw, pointers + states, T, B, N});
}
