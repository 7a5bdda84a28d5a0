// The same sums as recurrent_weights, of a product with any number of rows, r = W v + bias:
//   dW[n,m,i] = sum of dr[t,b,n,m] * v[.,b,n,i];   dbias[n,m] = sum of dr[t,b,n,m],
// where v is of the step before, as R takes in h, or of the same step, as a projection takes in u.
//
// Layouts: dr [T,B,N,M], v [T,B,N,D] and, where it is of the step before, v0 [B,N,D], resets [T,B], or batch first; dW
// [N,M,D] and dbias [N,M] in f32.
#pragma once

#include "recurrent_weights/kernel.cuh"

// further: of the step before: v0, and resets, where there are any.
template <RecurrentWeightsConfig C, class Element, int M, int D, bool same_step, bool reverse, bool batch_first,
          bool resets, int tf32_terms, class... Further>
__global__ void __launch_bounds__(C.warps_m* C.warps_n * 32)
    product_weights(const Element* dr, const Element* v, float* dW, float* dbias, int steps, int B, int N,
                    Further... further) {
    using T = WithTerms<Element, tf32_terms>;
    using Shape = WeightShape<C, T, M, reverse, batch_first, resets, same_step>;
    static_assert(sizeof...(Further) == (same_step ? 0 : 1) + (resets ? 1 : 0), "as the family passes them");
    const long long head = static_cast<long long>(blockIdx.z);
    const void* const given[] = {further..., nullptr};
    const Element* const first = same_step ? v : static_cast<const Element*>(given[0]);
    const WeightTensors<T> tensors{.dr = Given{dr + head * M},
                                   .h0 = Given{first + head * D},
                                   .h = Given{v + head * D},
                                   .dR = dW + head * M * D,
                                   .dbias = dbias + head * M,
                                   .resets = resets ? static_cast<const int*>(given[same_step ? 0 : 1]) : nullptr,
                                   .rows = steps * B,
                                   .steps = steps,
                                   .B = B,
                                   .dr_stride = N * M,
                                   .h_stride = N * D};
    sum_weights<C, T, Shape, D>(tensors);
}
