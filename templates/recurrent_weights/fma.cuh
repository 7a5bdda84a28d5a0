// The weight gradients in f32 arithmetic: a lane owns rows and columns by fours, 8 lanes along the rows and 4 along the
// columns of a warp's tile, so that a warp's loads of either have no bank conflict.
#pragma once

#include "recurrent_weights/tensor_core.cuh"

template <RecurrentWeightsConfig C, class Shape>
struct WeightProducts<C, float, Shape> {
    static constexpr int fours_m = Shape::warp_m / 32, fours_n = Shape::warp_n / 16;
    static_assert(Shape::warp_m % 32 == 0 && Shape::warp_n % 16 == 0, "as the space promises");
    float sum[fours_m * 4][fours_n][4] = {};
    LaneBias<C, Shape, true> bias;

    __device__ static int own_row(const WeightPlace<C, Shape>& place, int four) {
        return place.warp_m0 + four * 32 + place.lane % 8 * 4;
    }
    __device__ static int own_column(const WeightPlace<C, Shape>& place, int four) {
        return place.warp_n0 + four * 16 + place.lane / 8 * 4;
    }

    __device__ static void load(float (&four)[4], const float* at) {
        float4 loaded = *reinterpret_cast<const float4*>(at);
        four[0] = loaded.x;
        four[1] = loaded.y;
        four[2] = loaded.z;
        four[3] = loaded.w;
    }

    __device__ void add(const float* dr, const float* h, const WeightPlace<C, Shape>& place) {
#pragma unroll 4
        for (int k = 0; k < C.tile_k; ++k) {
            float a[fours_m][4], b[fours_n][4];
#pragma unroll
            for (int i = 0; i < fours_m; ++i) {
                load(a[i], dr + k * Shape::DrTile::stride + own_row(place, i));
            }
#pragma unroll
            for (int j = 0; j < fours_n; ++j) {
                load(b[j], h + k * Shape::HTile::stride + own_column(place, j));
            }
#pragma unroll
            for (int i = 0; i < fours_m * 4; ++i) {
#pragma unroll
                for (int j = 0; j < fours_n * 4; ++j) {
                    sum[i][j / 4][j % 4] = fmaf(a[i / 4][i % 4], b[j / 4][j % 4], sum[i][j / 4][j % 4]);
                }
            }
        }
    }

    __device__ void add_bias(const float* dr, const WeightPlace<C, Shape>&) {
        bias.add(dr);
    }

    template <class Sums>
    __device__ void put(const Sums& sums, const WeightPlace<C, Shape>& place) const {
#pragma unroll
        for (int i = 0; i < fours_m * 4; ++i) {
#pragma unroll
            for (int j = 0; j < fours_n; ++j) {
                sums.put(own_row(place, i / 4) + i % 4, own_column(place, j), sum[i][j]);
            }
        }
        bias.put(sums, place);
    }
};
