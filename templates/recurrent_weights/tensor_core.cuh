// The weight gradients of 16-bit tensors on tensor cores. Both operands lie in shared memory as [k][row or column]: the
// loads of fragments transpose them. The bias is a product with ones.
//
// Tensor cores add in f32 and round towards zero (Ootomo and Yokota 2022, arXiv 2203.03341), once for 16 products: a
// sum of K products comes out smaller by about K 2^-28 of itself. That is 2^-14 for 16,384 products and 2^-8, as much
// as the rounding of the inputs to bf16 makes, for a million; where blocks share the products each has so many fewer.
#pragma once

#include "common/mma.cuh"
#include "recurrent_weights/sums.cuh"

template <RecurrentWeightsConfig C, class T, class Shape>
struct WeightProducts {
    static constexpr int m_tiles = Shape::warp_m / 16, n_tiles = Shape::warp_n / 8;
    static constexpr int bias_tiles = ceil_div(m_tiles, C.warps_n);  // the warps of the same rows share them
    static_assert(Shape::warp_m % 16 == 0 && Shape::warp_n % 16 == 0 && C.tile_k % 16 == 0, "as the space promises");
    FragmentD sum[m_tiles][n_tiles] = {};
    FragmentD bias[bias_tiles] = {};

    // A tile of 16 rows of dR and 16 products.
    __device__ static FragmentA rows(const T* dr, int row, int k, int lane) {
        FragmentA a;
        load_matrices_transposed(a.r,
                                 dr + (k + lane / 16 * 8 + lane % 8) * Shape::DrTile::stride + row + lane / 8 % 2 * 8);
        return a;
    }

    __device__ void add(const T* dr, const T* h, const WeightPlace<C, Shape>& place) {
#pragma unroll
        for (int k = 0; k < C.tile_k; k += 16) {
            FragmentA a[m_tiles];
#pragma unroll
            for (int i = 0; i < m_tiles; ++i) {
                a[i] = rows(dr, place.warp_m0 + i * 16, k, place.lane);
            }
#pragma unroll
            for (int j = 0; j < n_tiles; j += 2) {
                unsigned b[4];  // columns 0-7 of the 16, then 8-15
                load_matrices_transposed(
                    b, h + (k + place.lane % 16) * Shape::HTile::stride + place.warp_n0 + j * 8 + place.lane / 16 * 8);
#pragma unroll
                for (int i = 0; i < m_tiles; ++i) {
                    mma<T>(sum[i][j], a[i], {{b[0], b[1]}});
                    mma<T>(sum[i][j + 1], a[i], {{b[2], b[3]}});
                }
            }
        }
    }

    // Row tile i of a warp is number i / warps_n of warp i % warps_n.
    __device__ void add_bias(const T* dr, const WeightPlace<C, Shape>& place) {
        const unsigned ones = pack<T>(1.0f, 1.0f);
#pragma unroll
        for (int j = 0; j < bias_tiles; ++j) {
            int i = j * C.warps_n + place.warp_column;
            if (m_tiles % C.warps_n == 0 || i < m_tiles) {
#pragma unroll
                for (int k = 0; k < C.tile_k; k += 16) {
                    mma<T>(bias[j], rows(dr, place.warp_m0 + i * 16, k, place.lane), {{ones, ones}});
                }
            }
        }
    }

    template <class Sums>
    __device__ void put(const Sums& sums, const WeightPlace<C, Shape>& place) const {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const int row = place.warp_m0 + place.lane / 4 + half * 8;
#pragma unroll
            for (int i = 0; i < m_tiles; ++i) {
#pragma unroll
                for (int j = 0; j < n_tiles; ++j) {
                    const float values[2] = {sum[i][j].v[2 * half], sum[i][j].v[2 * half + 1]};
                    sums.put(row + i * 16, place.warp_n0 + j * 8 + 2 * (place.lane % 4), values);
                }
            }
#pragma unroll
            for (int j = 0; j < bias_tiles; ++j) {
                int i = j * C.warps_n + place.warp_column;
                if (place.sums_bias && place.lane % 4 == 0 && i < m_tiles) {
                    sums.put_bias(row + i * 16, bias[j].v[2 * half]);
                }
            }
        }
    }
};
