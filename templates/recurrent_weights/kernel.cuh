// Gradients of recurrent weights and biases from those of the recurrent product r = R h + bias, summed over all steps t
// and sequences b:
//   dR[n,g,o,i] = sum of dr[t,b,n,g,o] * h[t-1,b,n,i], where h[-1] is h0;   dbias[n,g,o] = sum of dr[t,b,n,g,o].
//
// Layouts: dr [T,B,N,G,D], h0 [B,N,D], h [T,B,N,D]; dR [N,G,Do,Di] and dbias [N,G,D] in f32 whatever the dtype: they
// are sums of many thousand products that f32 has already computed, and go to an optimiser that keeps f32. Of each head
// it is a matrix product of M = G * D rows, D columns and K = T * B products, in both operands of which K is the
// outermost dimension. Grid (columns of tiles * k_split, rows of tiles, N): blocks that run at the same time have all
// columns of neighbouring rows, so that both operands are found in L2. The blocks of the first column sum the bias.
#pragma once

#include "recurrent_weights/fma.cuh"

template <RecurrentWeightsConfig C, class T, int G, int D>
__global__ void __launch_bounds__(C.warps_m* C.warps_n * 32)
    recurrent_weights(const T* dr, const T* h0, const T* h, float* dR, float* dbias, int steps, int B, int N) {
    using Shape = WeightShape<C, T, G, D>;
    extern __shared__ uint4 shared[];
    const long long head = static_cast<long long>(blockIdx.z);
    const WeightTensors<T> tensors{dr + head * Shape::M,
                                   h0 + head * D,
                                   h + head * D,
                                   dR + head * Shape::M * D,
                                   dbias + head * Shape::M,
                                   steps * B,
                                   B,
                                   N * Shape::M,
                                   N * D};
    const WeightPlace<C, Shape> place;
    const WeightTiles<C, T, Shape, D> tiles(shared, tensors, place);
    const WeightSums<C, T, Shape, D> sums{reinterpret_cast<float*>(shared), tensors, place};
    tiles.start();
    WeightProducts<C, T, Shape> products;
    for (int tile = 0; tile < tiles.count; ++tile) {
        tiles.advance(tile);
        products.add(tiles.dr(tile), tiles.h(tile), place);
        if (place.sums_bias) {
            products.add_bias(tiles.dr(tile), place);
        }
    }
    sums.begin();
    products.put(sums, place);
    sums.finish();
}
