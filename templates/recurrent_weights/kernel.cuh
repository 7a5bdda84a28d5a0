// Gradients of recurrent weights and biases from those of the recurrent product r = R h + bias, summed over all steps t
// and sequences b:
//   dR[n,g,o,i] = sum of dr[t,b,n,g,o] * h[t-1,b,n,i], where h[-1] is h0;   dbias[n,g,o] = sum of dr[t,b,n,g,o].
// In reverse, h[t+1] takes the place of h[t-1], and h[T] is h0. Where resets are given, a step whose reset is not 0 has
// zero in that place.
//
// Layouts: dr [T,B,N,G,D], h0 [B,N,D], h [T,B,N,D], resets [T,B], or, batch first, dr [B,T,N,G,D], h [B,T,N,D] and
// resets [B,T]; dR [N,G,Do,Di] and dbias [N,G,D] in f32 whatever the dtype: they are sums of many thousand products
// that f32 has already computed, and go to an optimiser that keeps f32. Of each head it is a matrix product of M = G *
// D rows, D columns and K = T * B products, in both operands of which K is the outermost dimension. Grid (columns of
// tiles * k_split, rows of tiles, N): blocks that run at the same time have all columns of neighbouring rows, so that
// both operands are found in L2. The blocks of the first column sum the bias.
#pragma once

#include "recurrent_weights/fma.cuh"
#include "recurrent_weights/warpgroup.cuh"

// By warps on tensor cores, or by lanes.
template <RecurrentWeightsConfig C, class T, class Shape, class Tiles, class Sums>
__device__ void multiply_by_warps(const Tiles& tiles, const Sums& sums, const WeightPlace<C, Shape>& place) {
    WeightProducts<C, T, Shape> products;
    for (int tile = 0; tile < tiles.count; ++tile) {
        tiles.await_tile();
        tiles.fetch_next(tile);
        products.add(tiles.dr(tile), tiles.h(tile), place);
        if (place.sums_bias) {
            products.add_bias(tiles.dr(tile), place);
        }
    }
    sums.begin();
    products.put(sums, place);
}

template <RecurrentWeightsConfig C, class T, class Shape, class Tiles, class Sums>
__device__ void multiply_tiles(const Tiles& tiles, const Sums& sums, const WeightPlace<C, Shape>& place) {
    if constexpr (C.wgmma == 0) {
        multiply_by_warps<C, T, Shape>(tiles, sums, place);
    } else if constexpr (!kHasWgmma) {
        __trap();
    } else if (place.sums_bias) {
        multiply_by_warpgroups<C, T, true, Shape>(tiles, sums, place);
    } else {
        multiply_by_warpgroups<C, T, false, Shape>(tiles, sums, place);
    }
}

// One block's part of the head that its grid's z says.
template <RecurrentWeightsConfig C, class T, class Shape, int D>
__device__ void sum_weights(const WeightTensors<T>& tensors) {
    // Tiles for warpgroups begin at multiples of 1024 bytes.
    extern __shared__ __align__(1024) unsigned char weight_stages[];
    const WeightPlace<C, Shape> place;
    const WeightTiles<C, T, Shape, D> tiles(weight_stages, tensors, place);
    const WeightSums<C, T, Shape, D> sums{reinterpret_cast<float*>(weight_stages), tensors, place};
    tiles.start();
    multiply_tiles<C, T, Shape>(tiles, sums, place);
    sums.finish();
}

// tf32_terms: of f32, how many products on tensor cores make one; 0: f32 arithmetic does. resets: one pointer, where
// there are any.
template <RecurrentWeightsConfig C, class Element, int G, int D, bool reverse, bool batch_first, int tf32_terms,
          class... Resets>
__global__ void __launch_bounds__(C.warps_m* C.warps_n * 32)
    recurrent_weights(const Element* dr, const Element* h0, const Element* h, float* dR, float* dbias, int steps, int B,
                      int N, Resets... resets) {
    using T = WithTerms<Element, tf32_terms>;
    using Shape = WeightShape<C, T, G * D, reverse, batch_first, sizeof...(Resets) != 0>;
    const long long head = static_cast<long long>(blockIdx.z);
    const int* const given[] = {resets..., nullptr};
    const WeightTensors<T> tensors{Given{dr + head * Shape::M},
                                   Given{h0 + head * D},
                                   Given{h + head * D},
                                   dR + head * Shape::M * D,
                                   dbias + head * Shape::M,
                                   given[0],
                                   steps * B,
                                   steps,
                                   B,
                                   N * Shape::M,
                                   N * D};
    sum_weights<C, T, Shape, D>(tensors);
}
