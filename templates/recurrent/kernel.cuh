// Recurrence of one head per block, or of one that blocks share, with R kept in registers and shared memory: forward,
// h_t = cell(x_t, R h_(t-1) + bias), the same for training, and backward. Layouts: forward.cuh, backward.cuh.
//
// Tensors whose type is not Element are f32. Grid (N * blocks, ceil(B / batch)), in clusters of `blocks`: no cluster
// waits for another. Where `blocks` is more than a cluster has, the launch is cooperative instead.
#pragma once

#include "recurrent/backward.cuh"
#include "recurrent/cluster.cuh"
#include "recurrent/elementwise.cuh"
#include "recurrent/fma.cuh"
#include "recurrent/forward.cuh"
#include "recurrent/grid.cuh"
#include "recurrent/in_turn.cuh"
#include "recurrent/normalised_in_turn.cuh"
#include "recurrent/tensor_core.cuh"
#include "recurrent/two_products.cuh"

template <RecurrentConfig C, class Cell, class Pass, int D>
__device__ void run_plan(const typename Pass::Tensors& tensors) {
    if constexpr (!kHasProduct<Cell>) {
        recurrent_elementwise<C, Pass, D>(tensors);
    } else if constexpr (kTwoProducts<Cell> || kNormalises<Cell>) {
        constexpr bool in_f32 = is_same<typename Pass::Type, float>;
        using Share = Choose<in_f32, FmaShare<C, Pass, D>, TensorCoreShare<C, Pass, D>>;
        if constexpr (kNormalises<Cell> && C.in_turn != 0) {
            normalised_in_turn<C, Pass, Share>(tensors);
        } else if constexpr (kNormalises<Cell>) {
            recurrent_normalised<C, Pass, Share>(tensors);
        } else if constexpr (C.in_turn != 0) {
            two_products_in_turn<C, Pass, Share>(tensors);
        } else {
            recurrent_two_products<C, Pass, Share>(tensors);
        }
    } else if constexpr (C.in_turn != 0) {
        recurrent_in_turn<C, Pass, D>(tensors);
    } else if constexpr (is_same<typename Pass::Type, float>) {
        recurrent_fma<C, Pass, D>(tensors);
    } else if constexpr (through_l2(C)) {
        recurrent_grid<C, Pass, D>(tensors);
    } else if constexpr (C.blocks > 1) {
        recurrent_cluster<C, Pass, D>(tensors);
    } else {
        recurrent_tensor_core<C, Pass, D>(tensors);
    }
}

// Blocks that wait for all of a grid in every step go through all steps with it.
template <RecurrentConfig C, class Cell, class Pass, int D>
__device__ void run_recurrence(const typename Pass::Tensors& tensors) {
    constexpr bool grid_waits = C.in_turn != 0 || (through_l2(C) && (kTwoProducts<Cell> || kNormalises<Cell>));
    if constexpr (Pass::packed && kHasProduct<Cell> && !grid_waits) {
        run_plan<C, Cell, Pass, D>(until_longest_ends(tensors, static_cast<int>(blockIdx.y) * C.batch, C.batch));
    } else {
        run_plan<C, Cell, Pass, D>(tensors);
    }
}

// Tensors that not every cell has, in the order in which the kernel was given them.
template <int Count>
struct FurtherTensors {
    void* at[Count + 1];

    template <class Value>
    __device__ Value* tensor(int number, bool exists) const {
        return exists ? static_cast<Value*>(at[number]) : nullptr;
    }
};

// Forward. The pointers are those of `further`.
template <RecurrentConfig C, class Cell, class Stored, int D, RecurrentMode M, Keep K, class... Further>
__device__ void run_forward(ForwardTensors<WithTerms<Stored, M.tf32_terms>> tensors, Further... further) {
    using Element = WithTerms<Stored, M.tf32_terms>;
    using Pass = Choose<
        kTwoProducts<Cell>, TwoProductForwardPass<Cell, Element, D, M, K>,
        Choose<kNormalises<Cell>, NormalisedForwardPass<Cell, Element, D, M, K>, ForwardPass<Cell, Element, D, M, K>>>;
    static_assert(sizeof...(Further) == Pass::kFurther, "as the family passes them");
    constexpr bool product = kHasProduct<Cell>, parameters = Pass::P > 0;
    const FurtherTensors<Pass::kFurther> given{{further...}};
    constexpr int lengths = M.lengths != 0, first = lengths + M.resets;
    tensors.lengths = given.template tensor<int>(0, M.lengths == 1);
    tensors.starts = given.template tensor<int>(0, M.lengths == 2);
    tensors.resets = given.template tensor<int>(lengths, M.resets != 0);
    tensors.R = given.template tensor<Element>(first, product);
    tensors.w = given.template tensor<Element>(first + product, parameters);
    tensors.u = given.template tensor<Element>(first + product + parameters, kTwoProducts<Cell>);
    constexpr int normalises = Pass::kSaves && kNormalises<Cell>;
    tensors.moments = given.template tensor<float>(first + product + parameters, normalises != 0);
    tensors.states = given.at + first + product + parameters + kTwoProducts<Cell> + normalises;
    run_recurrence<C, Cell, Pass, D>(tensors);
}

// reverse, lengths, recurrent_gradient, batch_first, resets, tf32_terms: as RecurrentMode. nvcc's host code names one
// struct among template arguments only. further: lengths or starts, and resets, where there are any; R of a cell with a
// product, w of one with parameters, u of one with two products; of each state after h, first and last value.
template <RecurrentConfig C, class Cell, class Element, int D, int reverse, int lengths, int recurrent_gradient,
          int batch_first, int resets, int tf32_terms, class... Further>
__global__ void __launch_bounds__(C.warps * 32, 1)
    recurrent_forward(const Element* x, const Element* bias, const Element* h0, Element* h, Element* hT, int T, int B,
                      int N, Further... further) {
    run_forward<C, Cell, Element, D,
                RecurrentMode{reverse, lengths, recurrent_gradient, batch_first, resets, tf32_terms}, Keep::nothing>(
        {.x = Given{x}, .bias = Given{bias}, .h0 = Given{h0}, .h = Given{h}, .hT = Given{hT}, .T = T, .B = B, .N = N},
        further...);
}

// further: the same, and of each state after h also those of all steps.
template <RecurrentConfig C, class Cell, class Element, int D, int reverse, int lengths, int recurrent_gradient,
          int batch_first, int resets, int tf32_terms, class... Further>
__global__ void __launch_bounds__(C.warps * 32, 1)
    recurrent_states(const Element* x, const Element* bias, const Element* h0, Element* h, Element* hT, int T, int B,
                     int N, Further... further) {
    run_forward<C, Cell, Element, D,
                RecurrentMode{reverse, lengths, recurrent_gradient, batch_first, resets, tf32_terms}, Keep::states>(
        {.x = Given{x}, .bias = Given{bias}, .h0 = Given{h0}, .h = Given{h}, .hT = Given{hT}, .T = T, .B = B, .N = N},
        further...);
}

// further: the same.
template <RecurrentConfig C, class Cell, class Element, int D, int reverse, int lengths, int recurrent_gradient,
          int batch_first, int resets, int tf32_terms, class... Further>
__global__ void __launch_bounds__(C.warps * 32, 1)
    recurrent_training(const Element* x, const Element* bias, const Element* h0, Element* h, Element* hT, Element* p,
                       int T, int B, int N, Further... further) {
    run_forward<C, Cell, Element, D,
                RecurrentMode{reverse, lengths, recurrent_gradient, batch_first, resets, tf32_terms}, Keep::all>(
        {.x = Given{x},
         .bias = Given{bias},
         .h0 = Given{h0},
         .h = Given{h},
         .hT = Given{hT},
         .p = Given{p},
         .T = T,
         .B = B,
         .N = N},
        further...);
}

// further: lengths or starts, and resets, where there are any; R of a cell with a product; w and dw of one with
// parameters; x and dr of one that does not use x and the product in their sum alone; of each state after h, first
// value, those of all steps, and gradients of the last and the first value.
template <RecurrentConfig C, class Cell, class Element, int D, int reverse, int lengths, int recurrent_gradient,
          int batch_first, int resets, int tf32_terms, class... Further>
__global__ void __launch_bounds__(C.warps * 32, 1)
    recurrent_backward(const Element* p, const Element* h0, const Element* h, const Element* dh, const Element* dhT,
                       Element* dx, Element* dh0, int T, int B, int N, Further... further) {
    constexpr RecurrentMode M{reverse, lengths, recurrent_gradient, batch_first, resets, tf32_terms};
    using Factor = WithTerms<Element, M.tf32_terms>;
    using Pass =
        Choose<kTwoProducts<Cell>, TwoProductBackwardPass<Cell, Factor, D, M>,
               Choose<kNormalises<Cell>, NormalisedBackwardPass<Cell, Factor, D, M>, BackwardPass<Cell, Factor, D, M>>>;
    static_assert(sizeof...(Further) == Pass::kFurther, "as the family passes them");
    constexpr bool product = kHasProduct<Cell>, parameters = Pass::P > 0, apart = !Pass::kSummed;
    constexpr int has_lengths = M.lengths != 0, first = has_lengths + M.resets,
                  first_moment = first + product + 2 * parameters, first_input = first_moment + kNormalises<Cell>;
    constexpr int first_state = first_input + 2 * apart;
    const FurtherTensors<Pass::kFurther> given{{further...}};
    const Factor *R = given.template tensor<Factor>(first, product),
                 *w = given.template tensor<Factor>(first + product, parameters);
    float* dw = given.template tensor<float>(first + product + 1, parameters);
    const Factor* x = given.template tensor<Factor>(first_input, apart);
    Factor* dr = given.template tensor<Factor>(first_input + 1, apart);
    const float* moments = given.template tensor<float>(first_moment, kNormalises<Cell>);
    run_recurrence<C, Cell, Pass, D>({x,
                                      Given{p},
                                      R,
                                      w,
                                      Given{h0},
                                      Given{h},
                                      Given{dh},
                                      Given{dhT},
                                      moments,
                                      given.template tensor<int>(0, M.lengths == 1),
                                      given.template tensor<int>(0, M.lengths == 2),
                                      given.template tensor<int>(has_lengths, M.resets != 0),
                                      Given{dx},
                                      dr,
                                      Given{dh0},
                                      dw,
                                      given.at + first_state,
                                      T,
                                      B,
                                      N});
}
