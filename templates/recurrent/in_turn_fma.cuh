// A share of a step in f32 arithmetic, where the blocks of a grid take shares in turn (in_turn.cuh). What the product
// takes in comes through shared memory, some columns at a time.
//
// Forward, each warp has a unit, whose rows of R lie along k: lanes take columns, and their sums are added up at the
// end. On the way back R is read transposed, and its rows lie along the units: each lane has a unit, and warps take
// columns.
#pragma once

#include "common/grid.cuh"
#include "recurrent/config.cuh"
#include "recurrent/packed_taken_in.cuh"
#include "recurrent/weights.cuh"

// Which units and sequences a share has.
struct SharePlace {
    int rank, n, b0;
};

// Those that a block of the grid takes. Shares that have the same weights follow each other.
template <RecurrentConfig C, class Tensors, class Take>
__device__ void take_shares(const Tensors& in, Take take) {
    const int parts = ceil_div(in.B, C.batch), shares = C.blocks * in.N * parts;
#pragma unroll 1
    for (int share = static_cast<int>(blockIdx.x); share < shares; share += static_cast<int>(gridDim.x)) {
        take(SharePlace{share / parts % C.blocks, share / (parts * C.blocks), share % parts * C.batch});
    }
}

// Sizes that follow from the configuration.
template <RecurrentConfig C, class Pass, int D>
struct FmaShareShape {
    static constexpr int rows = Pass::rows, threads = C.warps * 32;
    static constexpr int units = Pass::transposed ? 32 : C.warps;  // of a share
    static constexpr int parts = Pass::transposed ? C.warps : 1;   // of the columns, which have sums of their own
    static constexpr int k_end = Pass::columns * taken_of_gate<Pass, D>();
    static constexpr int cells = ceil_div(units * C.batch, threads);  // of a thread
    static_assert(D % 4 == 0 && C.streamed_k == 0, "as the space promises");
};

// Where what a product takes in lies: the row of a block's first sequence, and elements from a sequence to the next
// one.
template <class T>
struct TakenIn {
    const T* row;  // null where all of it is zero
    long long next_sequence;

    __device__ bool exists() const { return row != nullptr; }
    // 16 bytes of one of a block's sequences, from element k on.
    __device__ uint4 load(int sequence, int k) const { return load_relaxed_16(row + sequence * next_sequence + k); }
};

// What the product of step t takes in.
template <class Pass, int Row>
__device__ auto taken_in(const typename Pass::Tensors& in, SharePlace place, int t) {
    if constexpr (Pass::packed) {
        return PackedTakenIn<Pass, Row>{in, Pass::exchanged(in), Pass::first_exchanged(in), place.b0, place.n, t - 1};
    } else {
        const float* const tensor = t == 0 ? Pass::first_exchanged(in) : Pass::exchanged(in);
        const Where at = where_of<Pass>(in, place.b0, place.n, t == 0 ? 0 : rows_before<Pass>(in, t - 1), 0);
        return TakenIn<float>{tensor == nullptr ? nullptr : row_of<Row>(tensor, t == 0 ? at.state : at.row),
                              static_cast<long long>(t == 0 ? in.N : sequence_rows<Pass>(in)) * Row};
    }
}

// Columns `first` to first + kShareColumns of it, to `to` as [sequence][column]. sequences: to the end of the batch.
template <RecurrentConfig C, class Shape, class Taken>
__device__ void read_columns(float* to, Taken taken, int sequences, int first) {
#pragma unroll
    for (int i = static_cast<int>(threadIdx.x); i < C.batch * kShareColumns / 4; i += Shape::threads) {
        const int sequence = i / (kShareColumns / 4), k = first + i % (kShareColumns / 4) * 4;
        const bool exists = taken.exists() && sequence < sequences && k < Shape::k_end;
        reinterpret_cast<uint4*>(to)[i] = exists ? taken.load(sequence, k) : make_uint4(0, 0, 0, 0);
    }
}

template <int Rows, int Batch>
__device__ void multiply_four_columns(float (&sums)[Rows][Batch], const float (&w)[Rows][4], const float* columns) {
#pragma unroll
    for (int b = 0; b < Batch; ++b) {
        const float4 value = *reinterpret_cast<const float4*>(columns + b * kShareColumns);
#pragma unroll
        for (int g = 0; g < Rows; ++g) {
            sums[g][b] = fmaf(w[g][0], value.x, sums[g][b]);
            sums[g][b] = fmaf(w[g][1], value.y, sums[g][b]);
            sums[g][b] = fmaf(w[g][2], value.z, sums[g][b]);
            sums[g][b] = fmaf(w[g][3], value.w, sums[g][b]);
        }
    }
}

// sums += product over the columns that read_columns has read.
template <RecurrentConfig C, class Pass, int D>
__device__ void multiply_columns(float (&sums)[Pass::rows][C.batch], const HeadWeights<Pass, D>& weights,
                                 const float* columns, SharePlace place, int first) {
    using Shape = FmaShareShape<C, Pass, D>;
    const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
    const int unit = place.rank * Shape::units + (Pass::transposed ? lane : warp);
    constexpr int stride = 4 * (Pass::transposed ? C.warps : 32);
#pragma unroll 2
    for (int k = 4 * (Pass::transposed ? warp : lane); k < kShareColumns; k += stride) {
        const bool exists = unit < D && first + k < Shape::k_end;
        float w[Pass::rows][4];
#pragma unroll
        for (int g = 0; g < Pass::rows; ++g) {
            if constexpr (Pass::transposed) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    w[g][i] = exists ? *weights.at(g, unit, 0, first + k + i) : 0.0f;
                }
            } else {
                const float4 four = exists ? *reinterpret_cast<const float4*>(weights.at(g, unit, 0, first + k))
                                           : make_float4(0.0f, 0.0f, 0.0f, 0.0f);
                w[g][0] = four.x, w[g][1] = four.y, w[g][2] = four.z, w[g][3] = four.w;
            }
        }
        multiply_four_columns(sums, w, columns + k);
    }
}

// To `to` as [part][row][sequence][unit].
template <RecurrentConfig C, class Pass, int D>
__device__ void store_share_sums(float* to, const float (&sums)[Pass::rows][C.batch]) {
    using Shape = FmaShareShape<C, Pass, D>;
    const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
#pragma unroll
    for (int i = 0; i < Pass::rows * C.batch; ++i) {
        float sum = sums[i / C.batch][i % C.batch];
        if constexpr (Pass::transposed) {
            to[(warp * Pass::rows * C.batch + i) * Shape::units + lane] = sum;
        } else {
#pragma unroll
            for (int distance = 16; distance > 0; distance /= 2) {
                sum += __shfl_xor_sync(0xffffffffU, sum, distance);
            }
            if (lane == i % 32) {
                to[i * Shape::units + warp] = sum;
            }
        }
    }
}

// The sums of cell `index` of a share, as Pass::step takes them.
template <RecurrentConfig C, class Pass, int D>
__device__ void gather_share_sums(float (&of_unit)[Pass::rows][1], const typename Pass::Fixed& fixed, const float* sums,
                                  int index) {
    using Shape = FmaShareShape<C, Pass, D>;
    constexpr int cells = Shape::units * C.batch;
#pragma unroll
    for (int g = 0; g < Pass::rows; ++g) {
        of_unit[g][0] = 0.0f;
#pragma unroll
        for (int part = 0; part < Shape::parts; ++part) {
            of_unit[g][0] += index < cells ? sums[(part * Pass::rows + g) * cells + index] : 0.0f;
        }
        of_unit[g][0] += Pass::bias(fixed, g, 0);
    }
}

// Step t of one share; after the last one what a pass closes with.
template <RecurrentConfig C, class Pass, int D>
__device__ void step_share_fma(const typename Pass::Tensors& in, SharePlace place, int t, float* shared) {
    using Shape = FmaShareShape<C, Pass, D>;
    static_assert(C.blocks == ceil_div(D, Shape::units), "as the space promises");
    float* const all_sums = shared + C.batch * kShareColumns;
    const int steps = t < in.T ? rows_before<Pass>(in, t) : 0;
    typename Pass::Fixed fixed[Shape::cells];
    typename Pass::Held held[Shape::cells];
    typename Pass::Input input[Shape::cells];
    Where at[Shape::cells];
#pragma unroll
    for (int i = 0; i < Shape::cells; ++i) {
        const int index = static_cast<int>(threadIdx.x) + i * Shape::threads;
        const int sequence = place.b0 + index / Shape::units, unit = place.rank * Shape::units + index % Shape::units;
        at[i] = where_of<Pass>(in, sequence, place.n, steps, unit);
        at[i].inside = at[i].inside && index < Shape::units * C.batch && unit < D;
        Pass::read_fixed(fixed[i], in, place.n, unit);
        if (t == 0) {
            Pass::template read_held<false>(held[i], in, at[i]);
        } else {
            Pass::template read_held<true>(held[i], in, at[i]);
        }
        if (t < in.T) {
            Pass::load(input[i], in, at[i]);
        }
    }
    float sums[Pass::rows][C.batch] = {};
    const HeadWeights<Pass, D> weights(in.R, place.n);
    const auto taken = taken_in<Pass, Shape::k_end>(in, place, t);
#pragma unroll 1
    for (int first = 0; first < Shape::k_end; first += kShareColumns) {
        __syncthreads();  // all are through with the columns before
        read_columns<C, Shape>(shared, taken, in.B - place.b0, first);
        __syncthreads();
        multiply_columns<C, Pass, D>(sums, weights, shared, place, first);
    }
    store_share_sums<C, Pass, D>(all_sums, sums);
    __syncthreads();
#pragma unroll
    for (int i = 0; i < Shape::cells; ++i) {
        float of_unit[Pass::rows][1];
        gather_share_sums<C, Pass, D>(of_unit, fixed[i], all_sums, static_cast<int>(threadIdx.x) + i * Shape::threads);
        if (t < in.T) {
            typename Pass::Output out;
            const float nothing[Pass::rows][1] = {};
            Pass::step(held[i], out, fixed[i], input[i], of_unit, step_at<Pass>(in, t));
            Pass::store(out, held[i], in, at[i]);
            Pass::write_last(held[i], nothing, in, at[i]);
        } else {
            Pass::write_last(held[i], of_unit, in, at[i]);
        }
    }
}
