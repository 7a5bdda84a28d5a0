// x = h W^T on tensor cores: what a layer takes in from the one below. In 16 bits with sums in f32, any number of rows.
#pragma once

#include <cuda_bf16.h>
#include <mma.h>

namespace input_product {

constexpr int kTile = 64, kDepth = 32, kThreads = 128;  // a warp has a quarter of the tile, 32 x 32
constexpr int kPitch = kDepth + 8;                      // rows that do not meet in a bank

// Rows of a tile, eight values at a time; zeros below the last one.
__device__ inline void load_tile(__nv_bfloat16* tile, const __nv_bfloat16* from, int first_row, int rows, int width,
                                 int column) {
    for (int i = threadIdx.x; i < kTile * kDepth / 8; i += kThreads) {
        const int row = i / (kDepth / 8), eight = i % (kDepth / 8) * 8;
        const bool inside = first_row + row < rows && column + eight < width;
        const uint4 zero = {0, 0, 0, 0};
        const auto* source = reinterpret_cast<const uint4*>(from + size_t(first_row + row) * width + column + eight);
        *reinterpret_cast<uint4*>(tile + row * kPitch + eight) = inside ? *source : zero;
    }
}

// h [rows, depth], W [columns, depth], x [rows, columns]; depth is a multiple of 8. A block has a tile of x.
__global__ void __launch_bounds__(kThreads)
    multiply(const __nv_bfloat16* h, const __nv_bfloat16* W, __nv_bfloat16* x, int rows, int columns, int depth) {
    using namespace nvcuda;
    __shared__ alignas(128) __nv_bfloat16 h_tile[kTile * kPitch], W_tile[kTile * kPitch];
    __shared__ alignas(128) float sums[kTile * kTile];
    const int first_row = blockIdx.y * kTile, first_column = blockIdx.x * kTile;
    const int warp_row = threadIdx.x / 32 / 2 * 32, warp_column = threadIdx.x / 32 % 2 * 32;
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> c[2][2];
    for (int i = 0; i < 4; ++i) {
        wmma::fill_fragment(c[i / 2][i % 2], 0.0f);
    }
    for (int column = 0; column < depth; column += kDepth) {
        load_tile(h_tile, h, first_row, rows, depth, column);
        load_tile(W_tile, W, first_column, columns, depth, column);
        __syncthreads();
        for (int k = 0; k < kDepth; k += 16) {
            wmma::fragment<wmma::matrix_a, 16, 16, 16, __nv_bfloat16, wmma::row_major> a[2];
            wmma::fragment<wmma::matrix_b, 16, 16, 16, __nv_bfloat16, wmma::col_major> b[2];
            for (int i = 0; i < 2; ++i) {
                wmma::load_matrix_sync(a[i], h_tile + (warp_row + 16 * i) * kPitch + k, kPitch);
                wmma::load_matrix_sync(b[i], W_tile + (warp_column + 16 * i) * kPitch + k, kPitch);
            }
            for (int i = 0; i < 4; ++i) {
                wmma::mma_sync(c[i / 2][i % 2], a[i / 2], b[i % 2], c[i / 2][i % 2]);
            }
        }
        __syncthreads();
    }
    for (int i = 0; i < 4; ++i) {
        wmma::store_matrix_sync(sums + (warp_row + 16 * (i / 2)) * kTile + warp_column + 16 * (i % 2), c[i / 2][i % 2],
                                kTile, wmma::mem_row_major);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < kTile * kTile; i += kThreads) {
        const int row = first_row + i / kTile, column = first_column + i % kTile;
        if (row < rows && column < columns) {
            x[size_t(row) * columns + column] = __float2bfloat16(sums[i]);
        }
    }
}

}  // namespace input_product
