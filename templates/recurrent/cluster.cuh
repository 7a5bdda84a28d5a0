// The recurrent skeleton for heads that one SM cannot hold, or not fast enough: the blocks of a cluster share the units
// of a head. Every block has its units' rows of R and all of h; new values of h go to all blocks of the cluster through
// their shared memory, and nothing else is exchanged. A block's share of h lies in one piece, as [octet of units]
// [sequence][8 units], so that it goes to another block by one bulk copy or by few wide stores.
//
// A block's product R h has one row per unit and gate. Eight units of one gate are an octet of rows, two octets a tile
// of mma. Warps share tiles and, along k, groups of 32 input units; their partial sums meet in shared memory, where a
// thread picks up all gates of a pair of neighbouring units.
//
// Within a group of 32 input units a lane takes 8 that follow each other, of h and of R alike, so that 16 bytes feed
// two products; sums do not depend on the order of k.
#pragma once

#include "common/prefetch.cuh"
#include "recurrent/cluster_exchange.cuh"
#include "recurrent/input_ahead.cuh"
#include "recurrent/tensors.cuh"

// Sizes that follow from the configuration.
template <RecurrentConfig C, class Cell, int D>
struct ClusterShape {
    static constexpr int G = Cell::gates;
    static constexpr int threads = C.warps * 32;
    static constexpr int units = ceil_div(D / 8, C.blocks) * 8;  // of a block; the last may have fewer
    static constexpr int octets = units / 8 * G;                 // of rows
    static constexpr int m_warps = C.warps / C.k_split;
    static constexpr int tiles = ceil_div(ceil_div(octets, 2), m_warps);  // per warp
    static constexpr int all_groups = ceil_div(D, 32);                    // along k
    static constexpr int groups = all_groups / C.k_split;                 // per warp
    static constexpr int stored = groups - C.register_k;                  // of them in shared memory
    static constexpr int kept = C.register_k > 0 ? C.register_k : 1;
    static constexpr int n_tiles = C.batch / 8;
    static constexpr int h_stride = C.batch * 8 + 16;  // elements of an octet of h; 32 bytes more keep banks apart
    static constexpr int h_elements = all_groups * 4 * h_stride;
    static constexpr int sum_stride = (units * G + 23) / 32 * 32 + 8;  // of a sequence; 8 more keep banks apart
    static constexpr int sum_elements = C.k_split * C.batch * sum_stride;
    static constexpr int pairs = units / 2 * C.batch;  // of units, times sequences
    static constexpr int thread_pairs = ceil_div(pairs, threads);
    static constexpr int weight_words = tiles * stored * 64;  // of 16 bytes, per warp
    static_assert(D % 8 == 0 && C.warps % C.k_split == 0 && all_groups % C.k_split == 0 && C.batch % 8 == 0 &&
                      stored >= 0 && C.register_k >= 0 && C.chains >= 1 && C.chains <= 2,
                  "as the space promises");
};

// 8 units of one gate (word 0) and of the next octet (word 1), at 8 columns per lane.
struct OctetPair {
    uint4 word[2];
};

template <RecurrentConfig C, class Cell, class T, int D>
struct ClusterBlock {
    using Shape = ClusterShape<C, Cell, D>;
    int lane, warp, rank, n, b0;

    __device__ int unit0() const { return rank * Shape::units; }
    __device__ int m_warp() const { return warp / C.k_split; }
    __device__ int k_warp() const { return warp % C.k_split; }
    __device__ int column(int group) const { return (group * C.k_split + k_warp()) * 32 + 8 * (lane % 4); }
    __device__ int octet(int tile, int half) const { return (m_warp() * Shape::tiles + tile) * 2 + half; }

    __device__ OctetPair load_weights(const T* R, int tile, int group) const {
        OctetPair pair;
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            int row = octet(tile, half), unit = unit0() + row / Shape::G * 8 + lane / 4;
            bool inside = row < Shape::octets && unit < D && column(group) < D;
            const T* at = R + ((static_cast<long long>(n) * Shape::G + row % Shape::G) * D + unit) * D + column(group);
            pair.word[half] = inside ? *reinterpret_cast<const uint4*>(at) : make_uint4(0, 0, 0, 0);
        }
        return pair;
    }
};

// The weights of a warp: the first register_k groups in registers, the rest in shared memory, 16 bytes a lane.
template <class Shape>
struct ClusterWeights {
    OctetPair kept[Shape::tiles][Shape::kept];
    uint4* stored;  // of this warp

    __device__ uint4& slot(int tile, int group, int half, int lane) const {
        return stored[((tile * Shape::stored + group) * 2 + half) * 32 + lane];
    }
};

template <RecurrentConfig C, class Shape, class Block, class T>
__device__ void read_weights(ClusterWeights<Shape>& weights, const Block& block, const T* R) {
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
        for (int k = 0; k < Shape::groups; ++k) {
            OctetPair pair = block.load_weights(R, i, k);
            if (k < C.register_k) {
                weights.kept[i][k % Shape::kept] = pair;
            } else {
                weights.slot(i, k - C.register_k, 0, block.lane) = pair.word[0];
                weights.slot(i, k - C.register_k, 1, block.lane) = pair.word[1];
            }
        }
    }
}

// This warp's share of R h, to `sums` as [sequence][row].
template <RecurrentConfig C, class T, class Shape, class Block>
__device__ void multiply_share(const ClusterWeights<Shape>& weights, const Block& block, const T* h, float* sums) {
    FragmentD partial[C.chains][Shape::tiles][Shape::n_tiles] = {};
#pragma unroll
    for (int k = 0; k < Shape::groups; ++k) {
        uint4 state[Shape::n_tiles];
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
            const T* at = h + block.column(k) / 8 * Shape::h_stride + (j * 8 + block.lane / 4) * 8;
            state[j] = *reinterpret_cast<const uint4*>(at);
        }
#pragma unroll
        for (int i = 0; i < Shape::tiles; ++i) {
            OctetPair pair = weights.kept[i][k % Shape::kept];
            if (k >= C.register_k) {
                pair = {{weights.slot(i, k - C.register_k, 0, block.lane),
                         weights.slot(i, k - C.register_k, 1, block.lane)}};
            }
            const uint4 &low = pair.word[0], &high = pair.word[1];
#pragma unroll
            for (int j = 0; j < Shape::n_tiles; ++j) {
                mma<T>(partial[0][i][j], {{low.x, high.x, low.y, high.y}}, {{state[j].x, state[j].y}});
                mma<T>(partial[C.chains - 1][i][j], {{low.z, high.z, low.w, high.w}}, {{state[j].z, state[j].w}});
            }
        }
    }
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
        for (int v = 0; v < 4; ++v) {
            int row = block.octet(i, v / 2);
            if (row < Shape::octets) {
#pragma unroll
                for (int j = 0; j < Shape::n_tiles; ++j) {
                    float sum = partial[0][i][j].v[v] + (C.chains > 1 ? partial[C.chains - 1][i][j].v[v] : 0.0f);
                    int sequence = j * 8 + 2 * (block.lane % 4) + v % 2;
                    sums[(block.k_warp() * C.batch + sequence) * Shape::sum_stride + row * 8 + block.lane / 4] = sum;
                }
            }
        }
    }
}

// Two neighbouring units of one sequence, whose cells a thread computes. Four lanes have the units of an octet.
template <RecurrentConfig C, int D, class Shape>
struct UnitPair {
    int sequence, unit;  // in the block
    bool inside;         // of the tensors
    bool exists;         // in the cluster's h
    long long row;       // of [B,N]

    template <class Block>
    __device__ UnitPair(const Block& block, int B, int N, int index) {
        int number = static_cast<int>(threadIdx.x) + index * Shape::threads;
        sequence = number / 4 % C.batch;
        unit = number / (4 * C.batch) * 8 + 2 * (number % 4);
        exists = number < Shape::pairs && block.unit0() + unit < D;
        inside = exists && block.b0 + sequence < B;
        row = static_cast<long long>(block.b0 + sequence) * N + block.n;
    }
};

template <class Shape, class T, int S>
struct PairsHeld {
    float2 bias[Shape::thread_pairs][Shape::G];
    unsigned input[Shape::thread_pairs][Shape::G];  // x of the step to come
    Number<T> state[Shape::thread_pairs][2][S];
};

// h of the step before the first into both copies; what lies beyond D or the batch is zero, and beyond D stays so.
template <RecurrentConfig C, class T, int D, class Shape, class Block>
__device__ void read_first_h(const RecurrentTensors<T>& in, const Block& block, T* h_shared) {
    for (int i = static_cast<int>(threadIdx.x); i < 2 * Shape::h_elements; i += Shape::threads) {
        int sequence = i % Shape::h_stride / 8, unit = i % Shape::h_elements / Shape::h_stride * 8 + i % 8;
        bool inside = sequence < C.batch && block.b0 + sequence < in.B && unit < D;
        long long row = static_cast<long long>(block.b0 + sequence) * in.N + block.n;
        h_shared[i] = inside ? in.h0[row * D + unit] : from_float<T>(0.0f);
    }
}

// Biases, first states and the first step's x of a thread's pairs, and where each of them reads x and writes h.
template <RecurrentConfig C, class T, int D, int S, class Shape, class Block>
__device__ void read_first(PairsHeld<Shape, T, S>& held, const T* (&x_at)[Shape::thread_pairs],
                           T* (&h_at)[Shape::thread_pairs], const RecurrentTensors<T>& in, const Block& block) {
    constexpr int G = Shape::G;
#pragma unroll
    for (int p = 0; p < Shape::thread_pairs; ++p) {
        UnitPair<C, D, Shape> pair(block, in.B, in.N, p);
        int unit = block.unit0() + pair.unit;
        x_at[p] = in.x + pair.row * (G * D) + unit;
        h_at[p] = in.h + pair.row * D + unit;
#pragma unroll
        for (int g = 0; g < G; ++g) {
            const T* bias = in.bias + (block.n * G + g) * D + unit;
            held.bias[p][g] = pair.exists ? unpack<T>(*reinterpret_cast<const unsigned*>(bias)) : make_float2(0, 0);
            held.input[p][g] = pair.inside ? *reinterpret_cast<const unsigned*>(x_at[p] + g * D) : 0U;
        }
#pragma unroll
        for (int e = 0; e < 2; ++e) {
            held.state[p][e][0] = pair.inside ? to_float(in.h0[pair.row * D + unit + e]) : 0.0f;
#pragma unroll
            for (int s = 1; s < S; ++s) {
                held.state[p][e][s] = pair.inside ? in.states[2 * (s - 1)][pair.row * D + unit + e] : 0.0f;
            }
        }
    }
}

template <RecurrentConfig C, class T, int D, int S, class Shape, class Block>
__device__ void write_last(const PairsHeld<Shape, T, S>& held, const RecurrentTensors<T>& in, const Block& block) {
#pragma unroll
    for (int p = 0; p < Shape::thread_pairs; ++p) {
        UnitPair<C, D, Shape> pair(block, in.B, in.N, p);
        long long at = pair.row * D + block.unit0() + pair.unit;
        if (pair.inside) {
            *reinterpret_cast<unsigned*>(in.hT + at) = pack<T>(held.state[p][0][0].value, held.state[p][1][0].value);
#pragma unroll
            for (int s = 1; s < S; ++s) {
                float2 last = make_float2(held.state[p][0][s].value, held.state[p][1][s].value);
                *reinterpret_cast<float2*>(in.states[2 * (s - 1) + 1] + at) = last;
            }
        }
    }
}

template <RecurrentConfig C, class Cell, class T, int D>
__device__ void recurrent_cluster(const RecurrentTensors<T>& in) {
    using Shape = ClusterShape<C, Cell, D>;
    using Pair = UnitPair<C, D, Shape>;
    constexpr int G = Shape::G, S = Cell::states;
    extern __shared__ uint4 shared[];
    ClusterBlock<C, Cell, T, D> block{static_cast<int>(threadIdx.x % 32), static_cast<int>(threadIdx.x / 32),
                                      static_cast<int>(blockIdx.x) % C.blocks, static_cast<int>(blockIdx.x) / C.blocks,
                                      static_cast<int>(blockIdx.y) * C.batch};
    T* const h_shared = reinterpret_cast<T*>(shared + C.warps * Shape::weight_words);  // two copies
    float* const sums = reinterpret_cast<float*>(h_shared + 2 * Shape::h_elements);
    const unsigned barriers = shared_address(sums + Shape::sum_elements);
    const long long rows = static_cast<long long>(in.B) * in.N;  // of a step

    ClusterWeights<Shape> weights;
    weights.stored = shared + block.warp * Shape::weight_words;
    read_weights<C>(weights, block, in.R);
    read_first_h<C, T, D, Shape>(in, block, h_shared);
    PairsHeld<Shape, T, S> held;
    const T* x_at[Shape::thread_pairs];  // of the step whose x is held
    T* h_at[Shape::thread_pairs];        // of the step to come
    read_first<C, T, D>(held, x_at, h_at, in, block);
    const Exchange<C, Shape, T> exchange(block, D / 8, h_shared, barriers);
    if (threadIdx.x == 0) {
        set_up_byte_barrier(barriers);
        set_up_byte_barrier(barriers + 8);
        await_bytes(barriers, exchange.bytes());
        await_bytes(barriers + 8, exchange.bytes());
    }
    synchronise_cluster();

#pragma unroll 1
    for (int t = 0; t < in.T; ++t) {
        if (t > 0) {
            unsigned barrier = barriers + 8U * static_cast<unsigned>(t % 2);
            wait_for_bytes(barrier, (t - 1) / 2 % 2);
            if (threadIdx.x == 0) {
                await_bytes(barrier, exchange.bytes());
            }
        }
        multiply_share<C, T>(weights, block, h_shared + t % 2 * Shape::h_elements, sums);
        T* const h_next = h_shared + (t + 1) % 2 * Shape::h_elements;
        __syncthreads();
        unsigned words[Shape::thread_pairs];  // of new h
#pragma unroll
        for (int p = 0; p < Shape::thread_pairs; ++p) {
            Pair pair(block, in.B, in.N, p);
            Number<T> x[2][G], product[2][G];
#pragma unroll
            for (int g = 0; g < G; ++g) {
                float2 sum = held.bias[p][g];
                int row = (pair.unit / 8 * G + g) * 8 + pair.unit % 8;
#pragma unroll
                for (int k = 0; k < C.k_split; ++k) {
                    if (pair.exists) {
                        float2 part = *reinterpret_cast<const float2*>(
                            sums + (k * C.batch + pair.sequence) * Shape::sum_stride + row);
                        sum.x += part.x;
                        sum.y += part.y;
                    }
                }
                float2 input = unpack<T>(held.input[p][g]);
                x[0][g] = input.x;
                x[1][g] = input.y;
                product[0][g] = sum.x;
                product[1][g] = sum.y;
            }
            Number<T> even = Cell::step(x[0], product[0], held.state[p][0]);
            Number<T> odd = Cell::step(x[1], product[1], held.state[p][1]);
            words[p] = pack<T>(even.value, odd.value);
            int unit = block.unit0() + pair.unit;
            if (pair.exists) {
                T* const at = h_next + unit / 8 * Shape::h_stride + pair.sequence * 8 + unit % 8;
                *reinterpret_cast<unsigned*>(at) = words[p];
            }
        }
        exchange.close();
        __syncthreads();
        if (t + 1 < in.T) {
            exchange.send((t + 1) % 2);
        }
        // What no other block waits for comes while h is under way.
#pragma unroll
        for (int p = 0; p < Shape::thread_pairs; ++p) {
            Pair pair(block, in.B, in.N, p);
            if (pair.inside) {
                *reinterpret_cast<unsigned*>(h_at[p]) = words[p];
                h_at[p] += rows * D;
                x_at[p] += t + 1 < in.T ? rows * (G * D) : 0;  // after the last step: the last one again
                bool fetch = t + kStepsAhead < in.T && block.lane % 4 == 0;
#pragma unroll
                for (int g = 0; g < G; ++g) {
                    held.input[p][g] = *reinterpret_cast<const unsigned*>(x_at[p] + g * D);
                    if (fetch) {
                        prefetch_l2(x_at[p] + g * D + (kStepsAhead - 1) * rows * (G * D));
                    }
                }
            }
        }
    }
    write_last<C, T, D>(held, in, block);
    synchronise_cluster();  // none ends while others may still send to it
}
