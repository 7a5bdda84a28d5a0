// The gradient of the bias in f32: each thread sums rows of the block's tile of dr.
#pragma once

#include "recurrent_weights/sums.cuh"

template <RecurrentWeightsConfig C, class Shape, bool Exists>
struct LaneBias {
    static constexpr int rows = ceil_div(C.tile_m, Shape::threads);  // per thread
    float sum[rows] = {};

    // dr: [k][row].
    template <class T>
    __device__ void add(const T* dr) {
#pragma unroll
        for (int i = 0; i < rows; ++i) {
            int row = static_cast<int>(threadIdx.x) + i * Shape::threads;
            if (row < C.tile_m) {
#pragma unroll 4
                for (int k = 0; k < C.tile_k; ++k) {
                    sum[i] += to_float(dr[k * Shape::DrTile::stride + row]);
                }
            }
        }
    }

    template <class Sums>
    __device__ void put(const Sums& sums, const WeightPlace<C, Shape>& place) const {
#pragma unroll
        for (int i = 0; i < rows; ++i) {
            int row = static_cast<int>(threadIdx.x) + i * Shape::threads;
            if (place.sums_bias && row < C.tile_m) {
                sums.put_bias(row, sum[i]);
            }
        }
    }
};
template <RecurrentWeightsConfig C, class Shape>
struct LaneBias<C, Shape, false> {
    template <class Sums>
    __device__ void put(const Sums&, const WeightPlace<C, Shape>&) const {}
};
