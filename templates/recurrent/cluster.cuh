// The recurrent skeleton for heads that one SM cannot hold, or not fast enough: the blocks of a cluster share the units
// of a head. Every block has its units' rows of the weights and all that the product takes in: h, or, on the way back,
// dr. New values go to all blocks of the cluster through their shared memory, and nothing else is exchanged. A block's
// share of them lies in one piece, as [octet of units][gate][sequence][8 units], so that it goes to another block by
// one bulk copy or by few wide stores.
//
// A block's product has one row per unit and sum. Eight units of one sum are an octet of rows, two octets a tile of
// mma. Warps share tiles and, along k, groups of 32 columns; their partial sums meet in shared memory, where a thread
// picks up all sums of a pair of neighbouring units.
//
// Within a group of 32 columns a lane takes 8 that follow each other, of both factors alike, so that 16 bytes feed two
// products; sums do not depend on the order of k.
#pragma once

#include "common/prefetch.cuh"
#include "recurrent/cluster_exchange.cuh"
#include "recurrent/rows_ahead.cuh"
#include "recurrent/weights.cuh"

// Sizes that follow from the configuration.
template <RecurrentConfig C, class Pass, int D>
struct ClusterShape {
    static constexpr int sums = Pass::rows;  // per unit
    static constexpr int threads = C.warps * 32;
    static constexpr int units = ceil_div(D / 8, C.blocks) * 8;  // of a block; the last may have fewer
    static constexpr int octets = units / 8 * sums;              // of rows
    static constexpr int m_warps = C.warps / C.k_split;
    static constexpr int tiles = ceil_div(ceil_div(octets, 2), m_warps);  // per warp
    static constexpr int all_octets = D / 8 * Pass::columns;              // along k
    static constexpr int own_octets = units / 8 * Pass::columns;          // of a block
    static constexpr int all_groups = ceil_div(all_octets, 4);            // along k
    static constexpr int groups = all_groups / C.k_split;                 // per warp
    static constexpr int stored = groups - C.register_k;                  // of them in shared memory
    static constexpr int kept = C.register_k > 0 ? C.register_k : 1;
    static constexpr int n_tiles = C.batch / 8;
    static constexpr int stride = C.batch * 8 + 16;  // elements of an octet; 32 bytes more keep banks apart
    static constexpr int elements = all_groups * 4 * stride;
    static constexpr int sum_stride = (units * sums + 23) / 32 * 32 + 8;  // of a sequence; 8 more keep banks apart
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

template <RecurrentConfig C, class Pass, int D>
struct ClusterBlock {
    using Shape = ClusterShape<C, Pass, D>;
    int lane, warp, rank, n, b0;

    __device__ int unit0() const { return rank * Shape::units; }
    __device__ int m_warp() const { return warp / C.k_split; }
    __device__ int k_warp() const { return warp % C.k_split; }
    __device__ int column_octet(int group) const { return (group * C.k_split + k_warp()) * 4 + lane % 4; }
    __device__ int octet(int tile, int half) const { return (m_warp() * Shape::tiles + tile) * 2 + half; }

    __device__ OctetPair load_weights(const HeadWeights<Pass, D>& weights, int tile, int group) const {
        OctetPair pair;
        const int column = column_octet(group);
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            int row = octet(tile, half), unit = unit0() + row / Shape::sums * 8 + lane / 4;
            pair.word[half] = row < Shape::octets ? weights.octet(row % Shape::sums, unit, column % Pass::columns,
                                                                  column / Pass::columns * 8)
                                                  : make_uint4(0, 0, 0, 0);
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

template <RecurrentConfig C, class Shape, class Pass, int D>
__device__ void read_weights(ClusterWeights<Shape>& weights, const ClusterBlock<C, Pass, D>& block,
                             const HeadWeights<Pass, D>& all) {
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
        for (int k = 0; k < Shape::groups; ++k) {
            OctetPair pair = block.load_weights(all, i, k);
            if (k < C.register_k) {
                weights.kept[i][k % Shape::kept] = pair;
            } else {
                weights.slot(i, k - C.register_k, 0, block.lane) = pair.word[0];
                weights.slot(i, k - C.register_k, 1, block.lane) = pair.word[1];
            }
        }
    }
}

// This warp's share of the product, to `sums` as [sequence][row].
template <RecurrentConfig C, class T, class Shape, class Block>
__device__ void multiply_share(const ClusterWeights<Shape>& weights, const Block& block, const T* h, float* sums) {
    FragmentD partial[C.chains][Shape::tiles][Shape::n_tiles] = {};
#pragma unroll
    for (int k = 0; k < Shape::groups; ++k) {
        uint4 state[Shape::n_tiles];
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
            const T* at = h + block.column_octet(k) * Shape::stride + (j * 8 + block.lane / 4) * 8;
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
    bool exists;         // in the cluster's head
    int row;             // of [B,N]

    template <class Block>
    __device__ UnitPair(const Block& block, int B, int N, int index) {
        int number = static_cast<int>(threadIdx.x) + index * Shape::threads;
        sequence = number / 4 % C.batch;
        unit = number / (4 * C.batch) * 8 + 2 * (number % 4);
        exists = number < Shape::pairs && block.unit0() + unit < D;
        inside = exists && block.b0 + sequence < B;
        row = (block.b0 + sequence) * N + block.n;
    }

    // `first`: the rows of the steps before.
    template <class Block>
    __device__ Where where(const Block& block, int first) const {
        return {first + row, block.unit0() + unit, inside};
    }
};

// What a thread holds for its pairs; `input` is of the step to come.
template <class Shape, class Pass>
struct PairsHeld {
    typename Pass::Fixed fixed[Shape::thread_pairs];
    typename Pass::Held held[Shape::thread_pairs];
    typename Pass::Input input[Shape::thread_pairs];
    typename Pass::Output output[Shape::thread_pairs];
};

// What the first product takes in, to both copies; what lies beyond D or the batch is zero, and beyond D stays so.
template <RecurrentConfig C, class Pass, int D, class Shape>
__device__ void read_first_published(const typename Pass::Tensors& in, const ClusterBlock<C, Pass, D>& block,
                                     typename Pass::Type* published) {
    for (int i = 2 * static_cast<int>(threadIdx.x); i < 2 * Shape::elements; i += 2 * Shape::threads) {
        int sequence = i % Shape::stride / 8, octet = i % Shape::elements / Shape::stride;
        bool inside = sequence < C.batch && block.b0 + sequence < in.B && octet < Shape::all_octets;
        Where at{(block.b0 + sequence) * in.N + block.n, octet / Pass::columns * 8 + i % 8, inside};
        *reinterpret_cast<unsigned*>(published + i) = inside ? Pass::first(in, at, octet % Pass::columns) : 0U;
    }
}

// The sums of a pair, of all warps that share the columns.
template <RecurrentConfig C, class Pass, int D, class Shape>
__device__ void gather(float (&of_units)[Shape::sums][2], const typename Pass::Fixed& fixed,
                       const UnitPair<C, D, Shape>& pair, const float* sums) {
#pragma unroll
    for (int g = 0; g < Shape::sums; ++g) {
        of_units[g][0] = Pass::bias(fixed, g, 0);
        of_units[g][1] = Pass::bias(fixed, g, 1);
        int row = (pair.unit / 8 * Shape::sums + g) * 8 + pair.unit % 8;
#pragma unroll
        for (int k = 0; k < C.k_split; ++k) {
            if (pair.exists) {
                float2 part =
                    *reinterpret_cast<const float2*>(sums + (k * C.batch + pair.sequence) * Shape::sum_stride + row);
                of_units[g][0] += part.x;
                of_units[g][1] += part.y;
            }
        }
    }
}

template <RecurrentConfig C, class Pass, int D>
__device__ void recurrent_cluster(const typename Pass::Tensors& in) {
    using Shape = ClusterShape<C, Pass, D>;
    using Pair = UnitPair<C, D, Shape>;
    using T = typename Pass::Type;
    extern __shared__ uint4 shared[];
    const ClusterBlock<C, Pass, D> block{
        static_cast<int>(threadIdx.x % 32), static_cast<int>(threadIdx.x / 32), static_cast<int>(blockIdx.x) % C.blocks,
        static_cast<int>(blockIdx.x) / C.blocks, static_cast<int>(blockIdx.y) * C.batch};
    T* const published = reinterpret_cast<T*>(shared + C.warps * Shape::weight_words);  // two copies
    float* const sums = reinterpret_cast<float*>(published + 2 * Shape::elements);
    const unsigned barriers = shared_address(sums + Shape::sum_elements);
    const int step_rows = Pass::reversed ? -in.B * in.N : in.B * in.N;

    ClusterWeights<Shape> weights;
    weights.stored = shared + block.warp * Shape::weight_words;
    read_weights(weights, block, HeadWeights<Pass, D>(in.R, block.n));
    read_first_published<C, Pass, D, Shape>(in, block, published);
    PairsHeld<Shape, Pass> pairs;
    int step_row = Pass::reversed ? (in.T - 1) * in.B * in.N : 0;  // first row of the step to come
#pragma unroll
    for (int p = 0; p < Shape::thread_pairs; ++p) {
        Pair pair(block, in.B, in.N, p);
        const Where at = pair.where(block, 0);
        Pass::read_fixed(pairs.fixed[p], in, block.n, pair.exists ? at.unit : D);
        Pass::read_first(pairs.held[p], in, at);
        Pass::load(pairs.input[p], in, pair.where(block, step_row));
    }
    const Exchange<C, Shape, T> exchange(block, published, barriers);
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
            exchange.wait(t);
        }
        multiply_share<C, T>(weights, block, published + t % 2 * Shape::elements, sums);
        T* const next = published + (t + 1) % 2 * Shape::elements;
        __syncthreads();
#pragma unroll
        for (int p = 0; p < Shape::thread_pairs; ++p) {
            Pair pair(block, in.B, in.N, p);
            float of_units[Shape::sums][2];
            gather<C, Pass>(of_units, pairs.fixed[p], pair, sums);
            Pass::step(pairs.held[p], pairs.output[p], pairs.fixed[p], pairs.input[p], of_units,
                       Pass::reversed ? in.T - 1 - t : t);
            int unit = block.unit0() + pair.unit;
            if (pair.exists) {
#pragma unroll
                for (int gate = 0; gate < Pass::columns; ++gate) {
                    T* const at =
                        next + (unit / 8 * Pass::columns + gate) * Shape::stride + pair.sequence * 8 + unit % 8;
                    *reinterpret_cast<unsigned*>(at) = Pass::published(pairs.output[p], gate);
                }
            }
        }
        exchange.close();
        __syncthreads();
        if (t + 1 < in.T || Pass::closes) {
            exchange.send((t + 1) % 2);
        }
        // What no other block waits for comes while the new values are under way.
        const int next_row = step_row + (t + 1 < in.T ? step_rows : 0);  // after the last step: the last one again
#pragma unroll
        for (int p = 0; p < Shape::thread_pairs; ++p) {
            Pair pair(block, in.B, in.N, p);
            if (pair.inside) {
                Pass::store(pairs.output[p], pairs.held[p], in, pair.where(block, step_row));
                Pass::load(pairs.input[p], in, pair.where(block, next_row));
                if (t + kStepsAhead < in.T && block.lane % 4 == 0) {
                    Pass::fetch(in, pair.where(block, step_row + kStepsAhead * step_rows));
                }
            }
        }
        step_row = next_row;
    }
    if constexpr (Pass::closes) {
        exchange.wait(in.T);
        multiply_share<C, T>(weights, block, published + in.T % 2 * Shape::elements, sums);
        __syncthreads();
    }
#pragma unroll
    for (int p = 0; p < Shape::thread_pairs; ++p) {
        Pair pair(block, in.B, in.N, p);
        float of_units[Shape::sums][2] = {};
        if constexpr (Pass::closes) {
            gather<C, Pass>(of_units, pairs.fixed[p], pair, sums);
        }
        Pass::write_last(pairs.held[p], of_units, in, pair.where(block, 0));
    }
    synchronise_cluster();  // none ends while others may still send to it
}
