// What one block of the attention kernels reads and writes, and how tiles of it reach shared memory.
#pragma once

#include "attention/config.cuh"
#include "common/async_copy.cuh"
#include "common/math.cuh"

// One head of one sequence.
template <class T>
struct AttentionTensors {
    const T *q, *k, *v;  // rows of D elements
    T* o;
    float* lse;
    int L;
    int query_stride, key_stride;  // elements between rows of q and o, of k and v
    float scale_log2;              // scale * log2(e): the softmax is computed with powers of two
};

// Tiles of 16 rows wide enough for matrix loads; eight elements of padding keep the banks of neighbouring rows apart.
template <class T, int D>
inline constexpr int kRowStride = is_same<T, float> ? round_up(D, 4) + 4 : round_up(D, 16) + 8;

// Rows first .. first + Rows - 1 of a head to shared memory; rows at or beyond L and columns at or beyond D become
// zero.
template <int Rows, int Threads, int D, class T>
__device__ void copy_rows(T* shared, const T* global, int first, int L, int stride) {
    constexpr int per_copy = 16 / sizeof(T);
    constexpr int copies = ceil_div(D, is_same<T, float> ? 4 : 16) * (is_same<T, float> ? 1 : 2);  // per row
    for (int i = threadIdx.x; i < Rows * copies; i += Threads) {
        int row = i / copies, column = i % copies * per_copy;
        T* to = shared + row * kRowStride<T, D> + column;
        const T* from = global + static_cast<long long>(first + row) * stride + column;
        bool inside = first + row < L;
        if constexpr (D % per_copy == 0) {
            inside = inside && column < D;
            copy_async_16(to, inside ? from : global, inside);
        } else {
#pragma unroll
            for (int j = 0; j < per_copy; ++j) {
                to[j] = inside && column + j < D ? from[j] : from_float<T>(0.0f);
            }
        }
    }
}

// The tiles of keys that a block of queries sees, one after another through `stages` places in shared memory.
template <AttentionConfig C, class T, int D>
struct KeyTiles {
    static constexpr int threads = C.warps * 32;
    static constexpr int elements = C.keys * kRowStride<T, D>;  // of one tile of keys, or of values
    T* shared;                                                  // [stages][keys, values]
    int count;

    __device__ T* keys(int tile) const { return shared + tile % C.stages * (2 * elements); }
    __device__ T* values(int tile) const { return keys(tile) + elements; }

    __device__ void fetch(const AttentionTensors<T>& in, int tile) const {
        if (tile < count) {
            copy_rows<C.keys, threads, D>(keys(tile), in.k, tile * C.keys, in.L, in.key_stride);
            copy_rows<C.keys, threads, D>(values(tile), in.v, tile * C.keys, in.L, in.key_stride);
        }
        commit_copies();  // also when empty: wait_copies counts groups
    }

    // Everything that is fetched before the first tile is used.
    __device__ void start(const AttentionTensors<T>& in) const {
#pragma unroll
        for (int tile = 0; tile + 1 < C.stages; ++tile) {
            fetch(in, tile);
        }
    }

    // Returns when `tile` is in shared memory for all threads; fetches the one that takes the place of the tile before.
    __device__ void advance(const AttentionTensors<T>& in, int tile) const {
        if constexpr (C.stages == 1) {
            __syncthreads();
            fetch(in, tile);
            wait_copies<0>();
            __syncthreads();
        } else {
            wait_copies<C.stages - 2>();
            __syncthreads();
            fetch(in, tile + C.stages - 1);
        }
    }
};
