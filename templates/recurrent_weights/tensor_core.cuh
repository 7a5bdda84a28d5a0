// The weight gradients on tensor cores. Both operands lie in shared memory as [k][row or column]: the loads of
// fragments transpose them. The bias is a product with ones, or, in f32, a sum of lanes.
//
// Tensor cores add in f32 and round towards zero (Ootomo and Yokota 2022, arXiv 2203.03341), once for 16 products: a
// sum of K products comes out smaller by about K 2^-28 of itself. That is 2^-14 for 16,384 products and 2^-8, as much
// as the rounding of the inputs to bf16 makes, for a million; where blocks share the products each has so many fewer.
// Three products of TF32 parts are worth more than that: each of them begins at zero, and f32 arithmetic adds them up.
#pragma once

#include "common/mma.cuh"
#include "recurrent_weights/lane_bias.cuh"
#include "recurrent_weights/sums.cuh"

template <RecurrentWeightsConfig C, class T, class Shape>
struct WeightProducts {
    static constexpr int m_tiles = Shape::warp_m / 16, n_tiles = Shape::warp_n / 8;
    static constexpr int depth = 2 * kPieceOf<T>;  // products of each sum in one of a tile
    static constexpr bool in_f32 = sizeof(T) == sizeof(float);
    static constexpr int bias_tiles = in_f32 ? 1 : ceil_div(m_tiles, C.warps_n);  // warps of the same rows share them
    static_assert(Shape::warp_m % 16 == 0 && Shape::warp_n % 16 == 0 && C.tile_k % depth == 0, "as the space promises");
    FragmentD sum[m_tiles][n_tiles] = {};
    FragmentD bias[bias_tiles] = {};
    LaneBias<C, Shape, in_f32> lane_bias;

    // A tile of 16 rows of dR and `depth` products.
    __device__ static FragmentA rows(const T* dr, int row, int k, int lane) {
        FragmentA a;
        if constexpr (in_f32) {
            const T* const first = dr + (k + lane % 4) * Shape::DrTile::stride + row + lane / 4;
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                a.r[i] = word(first + i / 2 * 4 * Shape::DrTile::stride + i % 2 * 8);
            }
        } else {
            load_matrices_transposed(
                a.r, dr + (k + lane / 16 * 8 + lane % 8) * Shape::DrTile::stride + row + lane / 8 % 2 * 8);
        }
        return a;
    }

    // The same of 16 columns: 0-7, then 8-15.
    __device__ static void columns(unsigned (&b)[4], const T* h, int column, int k, int lane) {
        if constexpr (in_f32) {
            const T* const first = h + (k + lane % 4) * Shape::HTile::stride + column + lane / 4;
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                b[i] = word(first + i % 2 * 4 * Shape::HTile::stride + i / 2 * 8);
            }
        } else {
            load_matrices_transposed(b, h + (k + lane % 16) * Shape::HTile::stride + column + lane / 16 * 8);
        }
    }

    __device__ static unsigned word(const T* at) {
        return as_factor<T>(__float_as_uint(to_float(*at)));
    }

    __device__ static void add_product(FragmentD& sum, const FragmentA& a, const FragmentB& b) {
        if constexpr (is_same<T, tf32x3>) {
            FragmentD product = {};
            mma<T>(product, a, b);
#pragma unroll
            for (int v = 0; v < 4; ++v) {
                sum.v[v] += product.v[v];
            }
        } else {
            mma<T>(sum, a, b);
        }
    }

    __device__ void add(const T* dr, const T* h, const WeightPlace<C, Shape>& place) {
#pragma unroll
        for (int k = 0; k < C.tile_k; k += depth) {
            FragmentA a[m_tiles];
#pragma unroll
            for (int i = 0; i < m_tiles; ++i) {
                a[i] = rows(dr, place.warp_m0 + i * 16, k, place.lane);
            }
#pragma unroll
            for (int j = 0; j < n_tiles; j += 2) {
                unsigned b[4];
                columns(b, h, place.warp_n0 + j * 8, k, place.lane);
#pragma unroll
                for (int i = 0; i < m_tiles; ++i) {
                    add_product(sum[i][j], a[i], {{b[0], b[1]}});
                    add_product(sum[i][j + 1], a[i], {{b[2], b[3]}});
                }
            }
        }
    }

    // Row tile i of a warp is number i / warps_n of warp i % warps_n.
    __device__ void add_bias(const T* dr, const WeightPlace<C, Shape>& place) {
        if constexpr (in_f32) {
            lane_bias.add(dr);
        } else {
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
            for (int j = 0; j < bias_tiles && !in_f32; ++j) {
                int i = j * C.warps_n + place.warp_column;
                if (place.sums_bias && place.lane % 4 == 0 && i < m_tiles) {
                    sums.put_bias(row + i * 16, bias[j].v[2 * half]);
                }
            }
        }
        lane_bias.put(sums, place);
    }
};
