// The recurrent skeleton in f32 arithmetic: a thread owns one unit and some of the block's sequences; what the product
// takes in is read from shared memory by all threads at once, weights come from registers and, one word per thread of a
// warp, from shared memory.
#pragma once

#include "recurrent/config.cuh"
#include "recurrent/rows_ahead.cuh"
#include "recurrent/weights.cuh"

// Sizes that follow from the configuration.
template <RecurrentConfig C, class Pass, int D>
struct FmaShape {
    using OfPass = Pass;
    static constexpr int rows = Pass::rows;                // sums per unit
    static constexpr int units = round_up(D, 32);          // threads that share a sequence
    static constexpr int groups = C.warps * 32 / units;    // of threads, each with its own sequences
    static constexpr int own = C.batch / groups;           // sequences per thread
    static constexpr int gate_k = round_up(D, 4);          // columns of a gate: they are read four at a time
    static constexpr int k_end = gate_k * Pass::columns;   // columns in all
    static constexpr int shared_k = k_end - C.register_k;  // columns of the weights in shared memory
    static constexpr int kept_k = C.register_k > 0 ? C.register_k : 1;
    static_assert(groups * units == C.warps * 32 && own * groups == C.batch, "as the space promises");
    static_assert(C.register_k % 4 == 0 && shared_k >= 0 && C.prefetch >= 1, "as the space promises");
};

// Which unit and sequences a thread owns; sequence i of a thread is i * groups + group, so that idle ones come last.
template <class Shape>
struct FmaPlace {
    int unit, group, n, b0;

    __device__ int column(int i) const { return i * Shape::groups + group; }

    template <class Tensors>
    __device__ Where where(const Tensors& in, int steps, int i) const {
        return where_of<typename Shape::OfPass>(in, b0 + column(i), n, steps, unit);
    }
};

// Weights of this thread's unit: columns below register_k in registers, the rest of all units in shared memory as
// [row gate][column][unit].
template <RecurrentConfig C, class Shape, class Pass, int D>
__device__ void read_weights(float (&kept)[Shape::rows][Shape::kept_k], float* stored,
                             const HeadWeights<Pass, D>& weights, int unit) {
#pragma unroll
    for (int g = 0; g < Shape::rows; ++g) {
#pragma unroll
        for (int k = 0; k < C.register_k; ++k) {
            kept[g][k] = weights.value(g, unit, k / Shape::gate_k, k % Shape::gate_k);
        }
        for (int k = static_cast<int>(threadIdx.x) / Shape::units; k < Shape::shared_k; k += Shape::groups) {
            int column = C.register_k + k;
            stored[(g * Shape::shared_k + k) * Shape::units + unit] =
                weights.value(g, unit, column / Shape::gate_k, column % Shape::gate_k);
        }
    }
}

// sums += product over columns first .. first + 3 of the weights `w` gives.
template <class Shape, class Weight>
__device__ void multiply_four(float (&sums)[Shape::own][Shape::rows][1], const float* h, const FmaPlace<Shape>& place,
                              int first, Weight weight) {
    float4 state[Shape::own];
#pragma unroll
    for (int i = 0; i < Shape::own; ++i) {
        state[i] = *reinterpret_cast<const float4*>(h + place.column(i) * Shape::k_end + first);
    }
#pragma unroll
    for (int g = 0; g < Shape::rows; ++g) {
        float w[4] = {weight(g, 0), weight(g, 1), weight(g, 2), weight(g, 3)};
#pragma unroll
        for (int i = 0; i < Shape::own; ++i) {
            sums[i][g][0] = fmaf(w[0], state[i].x, sums[i][g][0]);
            sums[i][g][0] = fmaf(w[1], state[i].y, sums[i][g][0]);
            sums[i][g][0] = fmaf(w[2], state[i].z, sums[i][g][0]);
            sums[i][g][0] = fmaf(w[3], state[i].w, sums[i][g][0]);
        }
    }
}

template <RecurrentConfig C, class Pass, class Shape, class Fixed>
__device__ void multiply(float (&sums)[Shape::own][Shape::rows][1], const Fixed& fixed,
                         const float (&kept)[Shape::rows][Shape::kept_k], const float* stored, const float* h,
                         const FmaPlace<Shape>& place) {
#pragma unroll
    for (int i = 0; i < Shape::own * Shape::rows; ++i) {
        sums[i / Shape::rows][i % Shape::rows][0] = 0.0f;
    }
#pragma unroll
    for (int k = 0; k < C.register_k; k += 4) {
        multiply_four(sums, h, place, k, [&](int g, int j) { return kept[g][k + j]; });
    }
#pragma unroll 2
    for (int k = 0; k < Shape::shared_k; k += 4) {
        multiply_four(sums, h, place, C.register_k + k,
                      [&](int g, int j) { return stored[(g * Shape::shared_k + k + j) * Shape::units + place.unit]; });
    }
    // Last: to small sums of products, as they are on the way, less is lost.
#pragma unroll
    for (int i = 0; i < Shape::own * Shape::rows; ++i) {
        sums[i / Shape::rows][i % Shape::rows][0] += Pass::bias(fixed, i % Shape::rows, 0);
    }
}

template <RecurrentConfig C, class Pass, int D>
__device__ void recurrent_fma(const typename Pass::Tensors& in) {
    using Shape = FmaShape<C, Pass, D>;
    extern __shared__ uint4 shared[];
    float* published = reinterpret_cast<float*>(shared);  // [2][batch][k_end]
    constexpr int elements = C.batch * Shape::k_end;
    float* stored = published + 2 * elements;
    const FmaPlace<Shape> place{static_cast<int>(threadIdx.x) % Shape::units,
                                static_cast<int>(threadIdx.x) / Shape::units, static_cast<int>(blockIdx.x),
                                static_cast<int>(blockIdx.y) * C.batch};
    const Walk walk = walk_of<Pass>(in, place.n, place.b0);

    typename Pass::template Ahead<C.warps * 32, C.batch> ahead(in, walk);
    float kept[Shape::rows][Shape::kept_k];
    read_weights<C, Shape>(kept, stored, HeadWeights<Pass, D>(in.R, place.n), place.unit);
    for (int i = threadIdx.x; i < 2 * elements; i += C.warps * 32) {
        published[i] = 0.0f;  // units beyond D stay zero
    }
    __syncthreads();
    typename Pass::Fixed fixed;
    Pass::read_fixed(fixed, in, place.n, place.unit);
    typename Pass::Held held[Shape::own];
    int row = rows_to_begin<Pass>(in), input_row = row;
    typename Pass::Input input[C.prefetch][Shape::own];
#pragma unroll
    for (int i = 0; i < Shape::own; ++i) {
        const Where at = place.where(in, 0, i);
        Pass::template read_held<false>(held[i], in, at);
#pragma unroll
        for (int gate = 0; gate < Pass::columns; ++gate) {
            if (place.unit < D) {
                published[place.column(i) * Shape::k_end + gate * Shape::gate_k + place.unit] =
                    Pass::first(in, at, gate);
            }
        }
    }
#pragma unroll
    for (int p = 0; p < C.prefetch; ++p) {
#pragma unroll
        for (int i = 0; i < Shape::own; ++i) {
            Pass::load(input[p][i], in, place.where(in, input_row, i));
        }
        input_row += p + 1 < in.T ? walk.advance : 0;  // beyond the last step: the last one again
    }
    __syncthreads();

    float sums[Shape::own][Shape::rows][1];
    for (int t = 0; t < in.T; ++t) {
        ahead.next(walk, t);
        typename Pass::Input now[Shape::own];
#pragma unroll
        for (int i = 0; i < Shape::own; ++i) {
            now[i] = input[0][i];
#pragma unroll
            for (int p = 0; p + 1 < C.prefetch; ++p) {
                input[p][i] = input[p + 1][i];
            }
            Pass::load(input[C.prefetch - 1][i], in, place.where(in, input_row, i));
        }
        input_row += t + C.prefetch + 1 < in.T ? walk.advance : 0;
        multiply<C, Pass>(sums, fixed, kept, stored, published + t % 2 * elements, place);
        float* const next = published + (t + 1) % 2 * elements;
#pragma unroll
        for (int i = 0; i < Shape::own; ++i) {
            typename Pass::Output out;
            Pass::step(held[i], out, fixed, now[i], sums[i], step_at<Pass>(in, t));
#pragma unroll
            for (int gate = 0; gate < Pass::columns; ++gate) {
                if (place.unit < D) {
                    next[place.column(i) * Shape::k_end + gate * Shape::gate_k + place.unit] =
                        Pass::published(out, gate);
                }
            }
            Pass::store(out, held[i], in, place.where(in, row, i));
        }
        row += walk.advance;
        __syncthreads();
    }
    if constexpr (Pass::closes) {
        multiply<C, Pass>(sums, fixed, kept, stored, published + in.T % 2 * elements, place);
    }
#pragma unroll
    for (int i = 0; i < Shape::own; ++i) {
        Pass::write_last(held[i], sums[i], in, place.where(in, 0, i));
    }
}
