// The attention tile for 16-bit elements: both products on tensor cores, scores and output in registers.
#pragma once

#include "attention/tensors.cuh"

// Sizes that follow from the configuration.
template <AttentionConfig C, int D>
struct AttentionShape {
    static constexpr int rows = C.rows * 16;         // queries per warp
    static constexpr int d_tiles = ceil_div(D, 16);  // along the head dimension, as k of the first product
    static constexpr int key_tiles = C.keys / 16;    // along the keys, as k of the second product
    static constexpr int kept_rows = C.query_registers ? C.rows : 1;
    static constexpr int kept_tiles = C.query_registers ? d_tiles : 1;
    static_assert(C.keys % 16 == 0 && C.stages >= 1, "as the space promises");
};

// Running maximum and sum of the two rows r and r + 8 of a tile, and the output so far.
template <class Shape, int Rows>
struct OnlineSoftmax {
    float maximum[Rows][2], sum[Rows][2];
    FragmentD output[Rows][2 * Shape::d_tiles];

    __device__ void clear() {
#pragma unroll
        for (int i = 0; i < Rows; ++i) {
            maximum[i][0] = maximum[i][1] = -infinity();
            sum[i][0] = sum[i][1] = 0.0f;
#pragma unroll
            for (int d = 0; d < 2 * Shape::d_tiles; ++d) {
                output[i][d] = {{0.0f, 0.0f, 0.0f, 0.0f}};
            }
        }
    }
};

// Over the four lanes that hold a row of an accumulator.
__device__ inline float row_maximum(float x) {
    x = fmaxf(x, __shfl_xor_sync(0xffffffffU, x, 1));
    return fmaxf(x, __shfl_xor_sync(0xffffffffU, x, 2));
}
__device__ inline float row_sum(float x) {
    x += __shfl_xor_sync(0xffffffffU, x, 1);
    return x + __shfl_xor_sync(0xffffffffU, x, 2);
}

// The address that lane l gives to load_matrices for 16 rows and 16 columns: rows 0-7 and 8-15, then the next 8
// columns.
template <class T, int D>
__device__ const T* matrix_row(const T* tile, int row, int column, int lane) {
    return tile + (row + lane % 16) * kRowStride<T, D> + column + lane / 16 * 8;
}

// scores = Q K^T, query fragments from registers or shared memory.
template <AttentionConfig C, class T, int D, class Shape>
__device__ void score(FragmentD (&scores)[C.rows][2 * Shape::key_tiles],
                      const FragmentA (&queries)[Shape::kept_rows][Shape::kept_tiles], const T* query_tile,
                      const T* keys, int lane) {
#pragma unroll
    for (int i = 0; i < C.rows; ++i) {
#pragma unroll
        for (int j = 0; j < 2 * Shape::key_tiles; ++j) {
            scores[i][j] = {{0.0f, 0.0f, 0.0f, 0.0f}};
        }
    }
#pragma unroll
    for (int d = 0; d < Shape::d_tiles; ++d) {
        FragmentA a[C.rows];
#pragma unroll
        for (int i = 0; i < C.rows; ++i) {
            if constexpr (C.query_registers) {
                a[i] = queries[i][d];
            } else {
                load_matrices(a[i].r, matrix_row<T, D>(query_tile, i * 16, d * 16, lane));
            }
        }
#pragma unroll
        for (int j = 0; j < Shape::key_tiles; ++j) {
            unsigned r[4];  // keys 0-7 and 8-15 of the tile, first at the lower eight columns
            load_matrices(r, matrix_row<T, D>(keys, j * 16, d * 16, lane));
#pragma unroll
            for (int i = 0; i < C.rows; ++i) {
                mma<T>(scores[i][2 * j], a[i], {{r[0], r[2]}});
                mma<T>(scores[i][2 * j + 1], a[i], {{r[1], r[3]}});
            }
        }
    }
}

// Scores of keys that a query must not see become minus infinity. `row` is the query of the thread's first row.
template <int Count, bool causal>
__device__ void mask(FragmentD (&scores)[Count], int row, int first_key, int L, int lane) {
#pragma unroll
    for (int j = 0; j < Count; ++j) {
#pragma unroll
        for (int e = 0; e < 4; ++e) {
            int key = first_key + j * 8 + 2 * (lane % 4) + e % 2;
            bool hidden = key >= L || (causal && key > row + e / 2 * 8);
            scores[j].v[e] = hidden ? -infinity() : scores[j].v[e];
        }
    }
}

// Turns scores into powers of two relative to the new maximum; rescales what was summed before.
template <class Shape, int Rows, int Count>
__device__ void update(OnlineSoftmax<Shape, Rows>& softmax, FragmentD (&scores)[Count], int i, float scale_log2) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        float highest = -infinity();
#pragma unroll
        for (int j = 0; j < Count; ++j) {
            highest = fmaxf(highest, fmaxf(scores[j].v[2 * half], scores[j].v[2 * half + 1]));
        }
        float before = softmax.maximum[i][half];
        float maximum = fmaxf(before, row_maximum(highest));
        // A row that has seen no key yet keeps -inf as its maximum; zero in its place keeps the differences defined.
        float shift = maximum == -infinity() ? 0.0f : maximum * scale_log2;
        float rescale = exp2_approx(before * scale_log2 - shift);
        float sum = 0.0f;
#pragma unroll
        for (int j = 0; j < Count; ++j) {
#pragma unroll
            for (int e = 2 * half; e < 2 * half + 2; ++e) {
                scores[j].v[e] = exp2_approx(fmaf(scores[j].v[e], scale_log2, -shift));
                sum += scores[j].v[e];
            }
        }
        softmax.maximum[i][half] = maximum;
        softmax.sum[i][half] = softmax.sum[i][half] * rescale + sum;
#pragma unroll
        for (int d = 0; d < 2 * Shape::d_tiles; ++d) {
            softmax.output[i][d].v[2 * half] *= rescale;
            softmax.output[i][d].v[2 * half + 1] *= rescale;
        }
    }
}

// output += P V; the accumulator layout of P is that of an A operand once neighbours are packed.
template <AttentionConfig C, class T, int D, class Shape>
__device__ void accumulate(OnlineSoftmax<Shape, C.rows>& softmax,
                           const FragmentD (&scores)[C.rows][2 * Shape::key_tiles], const T* values, int lane) {
#pragma unroll
    for (int j = 0; j < Shape::key_tiles; ++j) {
        FragmentA p[C.rows];
#pragma unroll
        for (int i = 0; i < C.rows; ++i) {
            const float(&low)[4] = scores[i][2 * j].v;
            const float(&high)[4] = scores[i][2 * j + 1].v;
            p[i] = {{pack<T>(low[0], low[1]), pack<T>(low[2], low[3]), pack<T>(high[0], high[1]),
                     pack<T>(high[2], high[3])}};
        }
#pragma unroll
        for (int d = 0; d < Shape::d_tiles; ++d) {
            unsigned r[4];
            load_matrices_transposed(r, matrix_row<T, D>(values, j * 16, d * 16, lane));
#pragma unroll
            for (int i = 0; i < C.rows; ++i) {
                mma<T>(softmax.output[i][2 * d], p[i], {{r[0], r[1]}});
                mma<T>(softmax.output[i][2 * d + 1], p[i], {{r[2], r[3]}});
            }
        }
    }
}

template <class T, int D, class Shape, int Rows>
__device__ void write_output(OnlineSoftmax<Shape, Rows>& softmax, const AttentionTensors<T>& out, int first_row,
                             int lane) {
#pragma unroll
    for (int i = 0; i < Rows; ++i) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            int row = first_row + i * 16 + lane / 4 + half * 8;
            float sum = row_sum(softmax.sum[i][half]);
            if (row >= out.L) {
                continue;
            }
            T* to = out.o + static_cast<long long>(row) * out.query_stride;
            float inverse = 1.0f / sum;
#pragma unroll
            for (int d = 0; d < 2 * Shape::d_tiles; ++d) {
                int column = d * 8 + 2 * (lane % 4);
                float low = softmax.output[i][d].v[2 * half] * inverse;
                float high = softmax.output[i][d].v[2 * half + 1] * inverse;
                if (D % 2 == 0 && column < D) {
                    *reinterpret_cast<unsigned*>(to + column) = pack<T>(low, high);
                } else if (column < D) {
                    to[column] = from_float<T>(low);
                    if (column + 1 < D) {
                        to[column + 1] = from_float<T>(high);
                    }
                }
            }
            if (lane % 4 == 0) {
                out.lse[row] = (softmax.maximum[i][half] * out.scale_log2 + log2f(sum)) * 0.6931471805599453f;
            }
        }
    }
}

template <AttentionConfig C, class T, int D, bool causal>
__device__ void attention_tensor_core(const AttentionTensors<T>& in) {
    using Shape = AttentionShape<C, D>;
    constexpr int block_rows = C.warps * Shape::rows;
    extern __shared__ uint4 shared[];
    T* query_shared = reinterpret_cast<T*>(shared);
    int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
    // The last queries see the most keys under a causal mask: they start first.
    int block = causal ? static_cast<int>(gridDim.x - 1 - blockIdx.x) : static_cast<int>(blockIdx.x);
    int first_row = block * block_rows + warp * Shape::rows;
    int visible = causal ? min(in.L, (block + 1) * block_rows) : in.L;
    KeyTiles<C, T, D> tiles{query_shared + block_rows * kRowStride<T, D>, ceil_div(visible, C.keys)};

    copy_rows<block_rows, C.warps * 32, D>(query_shared, in.q, block * block_rows, in.L, in.query_stride);
    commit_copies();
    tiles.start(in);
    const T* query_tile = query_shared + warp * Shape::rows * kRowStride<T, D>;
    FragmentA queries[Shape::kept_rows][Shape::kept_tiles];
    if constexpr (C.query_registers) {
        wait_copies<C.stages - 1>();
        __syncthreads();
#pragma unroll
        for (int i = 0; i < C.rows; ++i) {
#pragma unroll
            for (int d = 0; d < Shape::d_tiles; ++d) {
                load_matrices(queries[i][d].r, matrix_row<T, D>(query_tile, i * 16, d * 16, lane));
            }
        }
    }
    OnlineSoftmax<Shape, C.rows> softmax;
    softmax.clear();
    for (int tile = 0; tile < tiles.count; ++tile) {
        tiles.advance(in, tile);
        FragmentD scores[C.rows][2 * Shape::key_tiles];
        score<C, T, D, Shape>(scores, queries, query_tile, tiles.keys(tile), lane);
        int first_key = tile * C.keys;
        bool partial = first_key + C.keys > in.L || (causal && first_key + C.keys > first_row + 1);
#pragma unroll
        for (int i = 0; i < C.rows; ++i) {
            if (partial) {
                mask<2 * Shape::key_tiles, causal>(scores[i], first_row + i * 16 + lane / 4, first_key, in.L, lane);
            }
            update(softmax, scores[i], i, in.scale_log2);
        }
        accumulate<C, T, D, Shape>(softmax, scores, tiles.values(tile), lane);
    }
    write_output<T, D>(softmax, in, first_row, lane);
}
