// The attention tile in f32 arithmetic: a warp owns whole queries; its lanes share the keys for the scores and the head
// dimension for the output, and hand the probabilities over through shared memory.
#pragma once

#include "attention/tensors.cuh"

// Sizes that follow from the configuration.
template <AttentionConfig C, int D>
struct AttentionFmaShape {
    static constexpr int stride = kRowStride<float, D>;
    static constexpr int own_keys = C.keys / 32;         // per lane
    static constexpr int own_columns = ceil_div(D, 32);  // of the output, per lane: lane, lane + 32, ...
    static_assert(C.keys % 32 == 0 && C.query_registers == 0, "as the space promises");
};

template <int Rows, class Shape>
struct WarpSoftmax {
    float maximum[Rows], sum[Rows];
    float output[Rows][Shape::own_columns];
};

__device__ inline float warp_maximum(float x) {
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2) {
        x = fmaxf(x, __shfl_xor_sync(0xffffffffU, x, offset));
    }
    return x;
}

__device__ inline float warp_sum(float x) {
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2) {
        x += __shfl_xor_sync(0xffffffffU, x, offset);
    }
    return x;
}

// scores[i][j] = query i of the warp times key lane + 32 j of the tile.
template <AttentionConfig C, int D, class Shape>
__device__ void score(float (&scores)[C.rows][Shape::own_keys], const float* queries, const float* keys, int lane) {
#pragma unroll
    for (int i = 0; i < C.rows; ++i) {
#pragma unroll
        for (int j = 0; j < Shape::own_keys; ++j) {
            scores[i][j] = 0.0f;
        }
    }
#pragma unroll 4
    for (int d = 0; d < D; d += 4) {
        float4 key[Shape::own_keys];
#pragma unroll
        for (int j = 0; j < Shape::own_keys; ++j) {
            key[j] = *reinterpret_cast<const float4*>(keys + (lane + 32 * j) * Shape::stride + d);
        }
#pragma unroll
        for (int i = 0; i < C.rows; ++i) {
            float4 query = *reinterpret_cast<const float4*>(queries + i * Shape::stride + d);
#pragma unroll
            for (int j = 0; j < Shape::own_keys; ++j) {
                scores[i][j] = fmaf(query.x, key[j].x, scores[i][j]);
                scores[i][j] = fmaf(query.y, key[j].y, scores[i][j]);
                scores[i][j] = fmaf(query.z, key[j].z, scores[i][j]);
                scores[i][j] = fmaf(query.w, key[j].w, scores[i][j]);
            }
        }
    }
}

// Turns the scores of query i into powers of two, keeps them in shared memory, rescales what was summed before.
template <int Rows, class Shape>
__device__ void update(WarpSoftmax<Rows, Shape>& softmax, float (&scores)[Shape::own_keys], int i, float* probabilities,
                       float scale_log2, int lane) {
    float highest = -infinity();
#pragma unroll
    for (int j = 0; j < Shape::own_keys; ++j) {
        highest = fmaxf(highest, scores[j]);
    }
    float before = softmax.maximum[i];
    float maximum = fmaxf(before, warp_maximum(highest));
    float shift = maximum == -infinity() ? 0.0f : maximum * scale_log2;
    float rescale = exp2f(before * scale_log2 - shift);
    float sum = 0.0f;
#pragma unroll
    for (int j = 0; j < Shape::own_keys; ++j) {
        float p = exp2f(fmaf(scores[j], scale_log2, -shift));
        probabilities[lane + 32 * j] = p;
        sum += p;
    }
    softmax.maximum[i] = maximum;
    softmax.sum[i] = softmax.sum[i] * rescale + sum;
#pragma unroll
    for (int d = 0; d < Shape::own_columns; ++d) {
        softmax.output[i][d] *= rescale;
    }
}

// output += P V, four keys at a time.
template <AttentionConfig C, int D, class Shape>
__device__ void accumulate(WarpSoftmax<C.rows, Shape>& softmax, const float* probabilities, const float* values,
                           int lane) {
#pragma unroll 2
    for (int key = 0; key < C.keys; key += 4) {
        float value[4][Shape::own_columns];
#pragma unroll
        for (int j = 0; j < 4; ++j) {
#pragma unroll
            for (int d = 0; d < Shape::own_columns; ++d) {
                int column = lane + 32 * d;
                value[j][d] = column < D ? values[(key + j) * Shape::stride + column] : 0.0f;
            }
        }
#pragma unroll
        for (int i = 0; i < C.rows; ++i) {
            float4 p = *reinterpret_cast<const float4*>(probabilities + i * C.keys + key);
#pragma unroll
            for (int d = 0; d < Shape::own_columns; ++d) {
                float sum = fmaf(p.x, value[0][d], softmax.output[i][d]);
                sum = fmaf(p.y, value[1][d], sum);
                sum = fmaf(p.z, value[2][d], sum);
                softmax.output[i][d] = fmaf(p.w, value[3][d], sum);
            }
        }
    }
}

template <int D, int Rows, class Shape>
__device__ void write_output(WarpSoftmax<Rows, Shape>& softmax, const AttentionTensors<float>& out, int first_row,
                             int lane) {
#pragma unroll
    for (int i = 0; i < Rows; ++i) {
        float sum = warp_sum(softmax.sum[i]);
        int row = first_row + i;
        if (row >= out.L) {
            continue;
        }
#pragma unroll
        for (int d = 0; d < Shape::own_columns; ++d) {
            if (lane + 32 * d < D) {
                out.o[static_cast<long long>(row) * out.query_stride + lane + 32 * d] = softmax.output[i][d] / sum;
            }
        }
        if (lane == 0) {
            out.lse[row] = (softmax.maximum[i] * out.scale_log2 + log2f(sum)) * 0.6931471805599453f;
        }
    }
}

template <AttentionConfig C, int D, bool causal>
__device__ void attention_fma(const AttentionTensors<float>& in) {
    using Shape = AttentionFmaShape<C, D>;
    constexpr int block_rows = C.warps * C.rows;
    extern __shared__ uint4 shared[];
    float* query_shared = reinterpret_cast<float*>(shared);
    float* probability_shared = query_shared + block_rows * Shape::stride;
    int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
    int block = causal ? static_cast<int>(gridDim.x - 1 - blockIdx.x) : static_cast<int>(blockIdx.x);
    int first_row = block * block_rows + warp * C.rows;
    int visible = causal ? min(in.L, (block + 1) * block_rows) : in.L;
    KeyTiles<C, float, D> tiles{probability_shared + block_rows * C.keys, ceil_div(visible, C.keys)};

    copy_rows<block_rows, C.warps * 32, D>(query_shared, in.q, block * block_rows, in.L, in.query_stride);
    commit_copies();
    tiles.start(in);
    const float* queries = query_shared + warp * C.rows * Shape::stride;
    float* probabilities = probability_shared + warp * C.rows * C.keys;
    WarpSoftmax<C.rows, Shape> softmax;
#pragma unroll
    for (int i = 0; i < C.rows; ++i) {
        softmax.maximum[i] = -infinity();
        softmax.sum[i] = 0.0f;
#pragma unroll
        for (int d = 0; d < Shape::own_columns; ++d) {
            softmax.output[i][d] = 0.0f;
        }
    }
    for (int tile = 0; tile < tiles.count; ++tile) {
        tiles.advance(in, tile);
        float scores[C.rows][Shape::own_keys];
        score<C, D, Shape>(scores, queries, tiles.keys(tile), lane);
#pragma unroll
        for (int i = 0; i < C.rows; ++i) {
#pragma unroll
            for (int j = 0; j < Shape::own_keys; ++j) {
                int key = tile * C.keys + lane + 32 * j;
                bool hidden = key >= in.L || (causal && key > first_row + i);
                scores[i][j] = hidden ? -infinity() : scores[i][j];
            }
            update(softmax, scores[i], i, probabilities + i * C.keys, in.scale_log2, lane);
        }
        __syncwarp();
        accumulate<C, D, Shape>(softmax, probabilities, tiles.values(tile), lane);
        __syncwarp();
    }
    write_output<D>(softmax, in, first_row, lane);
}
