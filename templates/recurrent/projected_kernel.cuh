// Kernels of cells whose h is projected (projected_passes.cuh): forward, the same for training or keeping states, and
// backward. What their template arguments and `further` are: kernel.cuh.
//
// Grid and clusters: kernel.cuh.
#pragma once

#include "recurrent/kernel.cuh"
#include "recurrent/projected.cuh"

// Blocks that wait for all of a grid in every step go through all steps with it.
template <RecurrentConfig C, class Parts>
__device__ void run_projected(const typename Parts::Tensors& tensors) {
    if constexpr (C.in_turn != 0) {
        projected_in_turn<C, Parts>(tensors);
    } else if constexpr (Parts::First::packed && !through_l2(C)) {
        recurrent_projected<C, Parts>(until_longest_ends(tensors, static_cast<int>(blockIdx.y) * C.batch, C.batch));
    } else {
        recurrent_projected<C, Parts>(tensors);
    }
}

// Tensors that every pass forward has.
template <class Element>
struct ProjectedTensors {
    const Element *x, *R, *projection, *bias, *h0;
    Element *h, *hT, *u, *p;
    int T, B, N;
};

template <RecurrentConfig C, class Cell, class Stored, int D, int H, RecurrentMode M, Keep K, class... Further>
__device__ void run_projected_forward(const ProjectedTensors<Stored>& in, Further... further) {
    using Element = WithTerms<Stored, M.tf32_terms>;
    using Units = ProjectedUnitsForward<Cell, Element, D, H, M, K>;
    constexpr int lengths = M.lengths != 0, first = lengths + M.resets, parameters = Units::P > 0;
    constexpr int given_tensors = first + parameters + Units::kStates * (Units::S - 1);
    static_assert(sizeof...(Further) == given_tensors, "as the family passes them");
    const FurtherTensors<given_tensors> given{{further...}};
    const ForwardTensors<Element> tensors{.x = Given{in.x},
                                          .R = Given{in.R},
                                          .bias = Given{in.bias},
                                          .w = given.template tensor<Element>(first, parameters != 0),
                                          .h0 = Given{in.h0},
                                          .lengths = given.template tensor<int>(0, M.lengths == 1),
                                          .starts = given.template tensor<int>(0, M.lengths == 2),
                                          .resets = given.template tensor<int>(lengths, M.resets != 0),
                                          .h = Given{in.h},
                                          .hT = Given{in.hT},
                                          .p = Given{in.p},
                                          .u = Given{in.u},
                                          .projection = Given{in.projection},
                                          .states = given.at + first + parameters,
                                          .T = in.T,
                                          .B = in.B,
                                          .N = in.N};
    run_projected<C, ProjectedParts<Units, D, ProjectionForward<Cell, Element, D, H, M, K>, H>>(tensors);
}

template <RecurrentConfig C, class Cell, class Element, int D, int H, int reverse, int lengths, int recurrent_gradient,
          int batch_first, int resets, int tf32_terms, class... Further>
__global__ void __launch_bounds__(C.warps * 32, 1)
    projected_forward(const Element* x, const Element* R, const Element* projection, const Element* bias,
                      const Element* h0, Element* h, Element* hT, Element* uT, int T, int B, int N,
                      Further... further) {
    run_projected_forward<C, Cell, Element, D, H,
                          RecurrentMode{reverse, lengths, recurrent_gradient, batch_first, resets, tf32_terms},
                          Keep::nothing>({x, R, projection, bias, h0, h, hT, uT, nullptr, T, B, N}, further...);
}

template <RecurrentConfig C, class Cell, class Element, int D, int H, int reverse, int lengths, int recurrent_gradient,
          int batch_first, int resets, int tf32_terms, class... Further>
__global__ void __launch_bounds__(C.warps * 32, 1)
    projected_states(const Element* x, const Element* R, const Element* projection, const Element* bias,
                     const Element* h0, Element* h, Element* hT, Element* u, int T, int B, int N, Further... further) {
    run_projected_forward<C, Cell, Element, D, H,
                          RecurrentMode{reverse, lengths, recurrent_gradient, batch_first, resets, tf32_terms},
                          Keep::states>({x, R, projection, bias, h0, h, hT, u, nullptr, T, B, N}, further...);
}

template <RecurrentConfig C, class Cell, class Element, int D, int H, int reverse, int lengths, int recurrent_gradient,
          int batch_first, int resets, int tf32_terms, class... Further>
__global__ void __launch_bounds__(C.warps * 32, 1)
    projected_training(const Element* x, const Element* R, const Element* projection, const Element* bias,
                       const Element* h0, Element* h, Element* hT, Element* u, Element* p, int T, int B, int N,
                       Further... further) {
    run_projected_forward<C, Cell, Element, D, H,
                          RecurrentMode{reverse, lengths, recurrent_gradient, batch_first, resets, tf32_terms},
                          Keep::all>({x, R, projection, bias, h0, h, hT, u, p, T, B, N}, further...);
}

// further: lengths or starts, and resets, where there are any; w and dw of a cell with parameters; x and dr of one that
// does not use x and the product in their sum alone; of each state after h, first value, those of all steps, and
// gradients of the last and the first value.
template <RecurrentConfig C, class Cell, class Stored, int D, int H, int reverse, int lengths, int recurrent_gradient,
          int batch_first, int resets, int tf32_terms, class... Further>
__global__ void __launch_bounds__(C.warps * 32, 1)
    projected_backward(const Stored* p, const Stored* R, const Stored* projection, const Stored* dh, const Stored* dhT,
                       Stored* dx, Stored* dh_total, Stored* dh0, int T, int B, int N, Further... further) {
    constexpr RecurrentMode M{reverse, lengths, recurrent_gradient, batch_first, resets, tf32_terms};
    using Element = WithTerms<Stored, M.tf32_terms>;
    using Units = ProjectedUnitsBackward<Cell, Element, D, H, M>;
    constexpr bool parameters = Units::P > 0, apart = !Units::kSummed;
    constexpr int has_lengths = M.lengths != 0, first = has_lengths + M.resets, first_input = first + 2 * parameters,
                  first_state = first_input + 2 * apart, given_tensors = first_state + Units::kStates * (Units::S - 1);
    static_assert(sizeof...(Further) == given_tensors, "as the family passes them");
    const FurtherTensors<given_tensors> given{{further...}};
    const BackwardTensors<Element> tensors{.x = given.template tensor<Element>(first_input, apart),
                                           .p = Given{p},
                                           .R = Given{R},
                                           .w = given.template tensor<Element>(first, parameters),
                                           .dh = Given{dh},
                                           .dhT = Given{dhT},
                                           .lengths = given.template tensor<int>(0, M.lengths == 1),
                                           .starts = given.template tensor<int>(0, M.lengths == 2),
                                           .resets = given.template tensor<int>(has_lengths, M.resets != 0),
                                           .dx = Given{dx},
                                           .dr = given.template tensor<Element>(first_input + 1, apart),
                                           .dh0 = Given{dh0},
                                           .dw = given.template tensor<float>(first + 1, parameters),
                                           .states = given.at + first_state,
                                           .T = T,
                                           .B = B,
                                           .N = N,
                                           .projection = Given{projection},
                                           .dh_total = Given{dh_total}};
    run_projected<C, ProjectedParts<ProjectionBackward<Cell, Element, D, H, M>, H, Units, D>>(tensors);
}
