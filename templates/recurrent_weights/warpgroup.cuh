// The weight gradients of 16-bit tensors by warpgroups, which read both operands from shared memory as they lie there,
// k outermost. While the products of a tile are under way, the next one is waited for and its products are issued.
#pragma once

#include "recurrent_weights/sums.cuh"

template <RecurrentWeightsConfig C, class T, class Shape>
struct WarpgroupWeights {
    static constexpr int m_blocks = Shape::warp_m * 4 / 64, columns = Shape::warp_n;  // of a warpgroup
    static_assert(C.warps_m % 4 == 0 && C.warps_n == 1 && m_blocks * 16 == Shape::warp_m && C.tile_n % 64 == 0 &&
                      C.tile_k % 16 == 0,
                  "as the space promises");
    float sum[m_blocks][columns / 2] = {};
    float bias[m_blocks][4] = {};

    template <bool SumsBias>
    __device__ void keep_sums() {
#pragma unroll
        for (int i = 0; i < m_blocks; ++i) {
            keep_order(sum[i]);
            if constexpr (SumsBias) {
                keep_order(bias[i]);
            }
        }
    }

    // Issues the products of a tile. `ones` is a matrix of ones, for the bias.
    template <bool SumsBias>
    __device__ void add(unsigned dr, unsigned h, unsigned ones, int warpgroup) {
        constexpr int next_columns = 64 * C.tile_k * 2;  // bytes
        keep_sums<SumsBias>();
        fence_warpgroup();
#pragma unroll
        for (int k = 0; k < C.tile_k; k += 16) {
#pragma unroll
            for (int i = 0; i < m_blocks; ++i) {
                unsigned long long rows =
                    swizzled_matrix(dr + (warpgroup * m_blocks + i) * next_columns + k * 128, next_columns);
                warpgroup_mma<T>(sum[i], rows, swizzled_matrix(h + k * 128, next_columns));
                if constexpr (SumsBias) {
                    warpgroup_mma<T>(bias[i], rows, uniform_matrix(ones));
                }
            }
        }
        commit_products();
    }

    template <bool SumsBias, class Sums>
    __device__ void put(const Sums& sums, const WeightPlace<C, Shape>& place) const {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
#pragma unroll
            for (int i = 0; i < m_blocks; ++i) {
                const int row = (place.warp / 4 * m_blocks + i) * 64 + place.warp % 4 * 16 + place.lane / 4 + half * 8;
#pragma unroll
                for (int j = 0; j < columns / 8; ++j) {
                    const float values[2] = {sum[i][j * 4 + 2 * half], sum[i][j * 4 + 2 * half + 1]};
                    sums.put(row, j * 8 + 2 * (place.lane % 4), values);
                }
                if (SumsBias && place.lane % 4 == 0) {
                    sums.put_bias(row, bias[i][2 * half]);
                }
            }
        }
    }
};

// Whether the bias is summed is known at compile time: products under a condition would wait for one another.
template <RecurrentWeightsConfig C, class T, bool SumsBias, class Shape, class Tiles, class Sums>
__device__ void multiply_by_warpgroups(const Tiles& tiles, const Sums& sums, const WeightPlace<C, Shape>& place) {
    WarpgroupWeights<C, T, Shape> products;
    T* const ones = tiles.shared + C.stages * Shape::stage_elements;  // 16 x 8
    if (SumsBias && threadIdx.x < 128) {
        ones[threadIdx.x] = from_float<T>(1.0f);
    }
    // A loop that is passed at least once: else the compiler, to have zeros behind it, would let every product wait.
    int tile = 0;
    do {
        tiles.await_tile();
        products.template add<SumsBias>(shared_address(tiles.dr(tile)), shared_address(tiles.h(tile)),
                                        shared_address(ones), place.warp / 4);
        tiles.fetch_next(tile);
        wait_products<1>();
    } while (++tile < tiles.count);
    wait_products<0>();
    products.template keep_sums<SumsBias>();
    sums.begin();
    products.template put<SumsBias>(sums, place);
}
