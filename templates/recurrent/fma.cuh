// The recurrent skeleton in f32 arithmetic: a thread owns one unit and some of the block's sequences; h is read from
// shared memory by all threads at once, weights come from registers and, one word per thread of a warp, from shared
// memory.
#pragma once

#include "recurrent/config.cuh"
#include "recurrent/input_ahead.cuh"
#include "recurrent/tensors.cuh"

// Sizes that follow from the configuration.
template <RecurrentConfig C, class Cell, int D>
struct FmaShape {
    static constexpr int G = Cell::gates;
    static constexpr int units = round_up(D, 32);          // threads that share a sequence
    static constexpr int groups = C.warps * 32 / units;    // of threads, each with its own sequences
    static constexpr int own = C.batch / groups;           // sequences per thread
    static constexpr int k_end = round_up(D, 4);           // h is read four at a time
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
};

template <class Shape>
struct FmaInput {
    float x[Shape::own][Shape::G];
};

template <int D, class Shape>
__device__ void load_input(FmaInput<Shape>& input, const RecurrentTensors<float>& in, const FmaPlace<Shape>& place,
                           int t) {
#pragma unroll
    for (int i = 0; i < Shape::own; ++i) {
        int b = place.b0 + place.column(i);
        bool inside = t < in.T && b < in.B && place.unit < D;
#pragma unroll
        for (int g = 0; g < Shape::G; ++g) {
            input.x[i][g] = inside ? in.x[in.template x_offset<Shape::G, D>(t, b, place.n) + g * D + place.unit] : 0.0f;
        }
    }
}

// Weights of this thread's unit: columns below register_k in registers, the rest of all units in shared memory as
// [gate][column][unit].
template <RecurrentConfig C, int D, class Shape>
__device__ void read_weights(float (&kept)[Shape::G][Shape::kept_k], float* stored, const float* R,
                             const FmaPlace<Shape>& place) {
#pragma unroll
    for (int g = 0; g < Shape::G; ++g) {
        const float* row = R + ((static_cast<long long>(place.n) * Shape::G + g) * D + place.unit) * D;
#pragma unroll
        for (int k = 0; k < C.register_k; ++k) {
            kept[g][k] = place.unit < D && k < D ? row[k] : 0.0f;
        }
        for (int k = place.group; k < Shape::shared_k; k += Shape::groups) {
            int column = C.register_k + k;
            stored[(g * Shape::shared_k + k) * Shape::units + place.unit] =
                place.unit < D && column < D ? row[column] : 0.0f;
        }
    }
}

// sums += R h over columns first .. first + 3 of the weights `w` gives.
template <class Shape, class Weight>
__device__ void multiply_four(float (&sums)[Shape::own][Shape::G], const float* h, const FmaPlace<Shape>& place,
                              int first, Weight weight) {
    float4 state[Shape::own];
#pragma unroll
    for (int i = 0; i < Shape::own; ++i) {
        state[i] = *reinterpret_cast<const float4*>(h + place.column(i) * Shape::k_end + first);
    }
#pragma unroll
    for (int g = 0; g < Shape::G; ++g) {
        float w[4] = {weight(g, 0), weight(g, 1), weight(g, 2), weight(g, 3)};
#pragma unroll
        for (int i = 0; i < Shape::own; ++i) {
            sums[i][g] = fmaf(w[0], state[i].x, sums[i][g]);
            sums[i][g] = fmaf(w[1], state[i].y, sums[i][g]);
            sums[i][g] = fmaf(w[2], state[i].z, sums[i][g]);
            sums[i][g] = fmaf(w[3], state[i].w, sums[i][g]);
        }
    }
}

template <RecurrentConfig C, class Shape>
__device__ void multiply(float (&sums)[Shape::own][Shape::G], const float (&kept)[Shape::G][Shape::kept_k],
                         const float* stored, const float* h, const FmaPlace<Shape>& place) {
#pragma unroll
    for (int k = 0; k < C.register_k; k += 4) {
        multiply_four(sums, h, place, k, [&](int g, int j) { return kept[g][k + j]; });
    }
#pragma unroll 2
    for (int k = 0; k < Shape::shared_k; k += 4) {
        multiply_four(sums, h, place, C.register_k + k,
                      [&](int g, int j) { return stored[(g * Shape::shared_k + k + j) * Shape::units + place.unit]; });
    }
}

template <int D, int S, class Shape>
__device__ void read_first(Number<float> (&state)[Shape::own][S], const RecurrentTensors<float>& in,
                           const FmaPlace<Shape>& place, float* h_shared) {
#pragma unroll
    for (int i = 0; i < Shape::own; ++i) {
        int b = place.b0 + place.column(i);
        bool inside = b < in.B && place.unit < D;
        long long offset = inside ? in.template state_offset<D>(b, place.n) + place.unit : 0;
        state[i][0] = inside ? in.h0[offset] : 0.0f;
        if (place.unit < D) {
            h_shared[place.column(i) * Shape::k_end + place.unit] = state[i][0].value;
        }
#pragma unroll
        for (int s = 1; s < S; ++s) {
            state[i][s] = inside ? in.states[2 * (s - 1)][offset] : 0.0f;
        }
    }
}

template <int D, int S, class Shape>
__device__ void write_last(const Number<float> (&state)[Shape::own][S], const RecurrentTensors<float>& in,
                           const FmaPlace<Shape>& place) {
#pragma unroll
    for (int i = 0; i < Shape::own; ++i) {
        int b = place.b0 + place.column(i);
        if (b < in.B && place.unit < D) {
            long long offset = in.template state_offset<D>(b, place.n) + place.unit;
            in.hT[offset] = state[i][0].value;
#pragma unroll
            for (int s = 1; s < S; ++s) {
                in.states[2 * (s - 1) + 1][offset] = state[i][s].value;
            }
        }
    }
}

// The cell at one step: new states, and h to global memory and, for the next step, to shared memory.
template <class Cell, int D, int S, class Shape>
__device__ void step_cells(Number<float> (&state)[Shape::own][S], const float (&sums)[Shape::own][Shape::G],
                           const FmaInput<Shape>& input, const RecurrentTensors<float>& in,
                           const FmaPlace<Shape>& place, int t, float* h_next) {
#pragma unroll
    for (int i = 0; i < Shape::own; ++i) {
        Number<float> x[Shape::G], product[Shape::G];
#pragma unroll
        for (int g = 0; g < Shape::G; ++g) {
            x[g] = input.x[i][g];
            product[g] = sums[i][g];
        }
        Number<float> h = Cell::step(x, product, state[i]);
        int b = place.b0 + place.column(i);
        if (place.unit < D) {
            h_next[place.column(i) * Shape::k_end + place.unit] = h.value;
            if (b < in.B) {
                in.h[in.template h_offset<D>(t, b, place.n) + place.unit] = h.value;
            }
        }
    }
}

template <RecurrentConfig C, class Cell, int D>
__device__ void recurrent_fma(const RecurrentTensors<float>& in) {
    using Shape = FmaShape<C, Cell, D>;
    extern __shared__ uint4 shared[];
    float* h_shared = reinterpret_cast<float*>(shared);  // [2][batch][k_end]
    constexpr int h_elements = C.batch * Shape::k_end;
    float* stored = h_shared + 2 * h_elements;
    FmaPlace<Shape> place{static_cast<int>(threadIdx.x) % Shape::units, static_cast<int>(threadIdx.x) / Shape::units,
                          static_cast<int>(blockIdx.x), static_cast<int>(blockIdx.y) * C.batch};

    InputAhead<float, C.warps * 32, C.batch, Shape::G * D> ahead(in, place.n, place.b0);
    float kept[Shape::G][Shape::kept_k];
    read_weights<C, D>(kept, stored, in.R, place);
    for (int i = threadIdx.x; i < 2 * h_elements; i += C.warps * 32) {
        h_shared[i] = 0.0f;  // units beyond D stay zero
    }
    __syncthreads();
    Number<float> state[Shape::own][Cell::states];
    read_first<D>(state, in, place, h_shared);
    float bias[Shape::G];
#pragma unroll
    for (int g = 0; g < Shape::G; ++g) {
        bias[g] = place.unit < D ? in.bias[(place.n * Shape::G + g) * D + place.unit] : 0.0f;
    }
    FmaInput<Shape> input[C.prefetch];
#pragma unroll
    for (int p = 0; p < C.prefetch; ++p) {
        load_input<D>(input[p], in, place, p);
    }
    __syncthreads();

    for (int t = 0; t < in.T; ++t) {
        ahead.next(in, t);
        FmaInput<Shape> now = input[0];
#pragma unroll
        for (int p = 0; p + 1 < C.prefetch; ++p) {
            input[p] = input[p + 1];
        }
        load_input<D>(input[C.prefetch - 1], in, place, t + C.prefetch);
        float sums[Shape::own][Shape::G];
#pragma unroll
        for (int i = 0; i < Shape::own; ++i) {
#pragma unroll
            for (int g = 0; g < Shape::G; ++g) {
                sums[i][g] = bias[g];
            }
        }
        multiply<C>(sums, kept, stored, h_shared + (t % 2) * h_elements, place);
        step_cells<Cell, D>(state, sums, now, in, place, t, h_shared + ((t + 1) % 2) * h_elements);
        __syncthreads();
    }
    write_last<D>(state, in, place);
}
