// What the blocks that share a head have in common, however they exchange what the product takes in: their rows of the
// weights, the product with them, and the units whose cells a thread computes.
//
// A block's product has one row per unit and sum. Eight units of one sum are an octet of rows, two octets a tile of
// mma. Warps share tiles and, along k, groups of columns; their partial sums meet in shared memory, where a thread
// picks up all sums of a pair of neighbouring units.
//
// A group of columns is four pieces of 16 bytes: 32 of 16 bits, 16 of 32. A lane takes a piece of both factors alike,
// so that 16 bytes feed two products; sums do not depend on the order of k.
#pragma once

#include "common/mma.cuh"
#include "recurrent/config.cuh"
#include "recurrent/rows_ahead.cuh"
#include "recurrent/weights.cuh"

// Whether a pass is one of the products of a step that has more of them, or barriers of its own.
template <class Pass>
__host__ __device__ constexpr bool is_product_of_step() {
    return requires {
        Pass::in_tensor_order;
    };
}

// Whether what the product takes in lies as in the tensor that has it: in a cluster the gates of a unit are side by
// side along k, so that a block's share lies in one piece.
template <RecurrentConfig C, class Pass>
__host__ __device__ constexpr bool in_tensor_order() {
    return through_l2(C) || is_product_of_step<Pass>();
}

// Sizes that follow from the configuration.
template <RecurrentConfig C, class Pass, int D>
struct SharedShape {
    static constexpr int sums = Pass::rows;  // per unit
    static constexpr int threads = C.warps * 32;
    static constexpr int units = ceil_div(D / 8, C.blocks) * 8;  // of a block; the last may have fewer
    static constexpr int octets = units / 8 * sums;              // of rows
    static constexpr int m_warps = C.warps / C.k_split;
    static constexpr int tiles = ceil_div(ceil_div(octets, 2), m_warps);                 // per warp
    static constexpr int piece = kPieceOf<typename Pass::Type>;                          // columns of 16 bytes
    static constexpr int all_pieces = taken_of_gate<Pass, D>() / piece * Pass::columns;  // along k
    static constexpr int own_pieces = units / piece * Pass::columns;                     // of a block
    static constexpr int all_groups = ceil_div(all_pieces, 4);                           // along k
    static constexpr int groups = ceil_div(all_groups, C.k_split);                       // per warp
    static constexpr int held = groups > C.streamed_k ? groups - C.streamed_k : 0;  // of them on the SM: the first ones
    static constexpr int stored = held - C.register_k;                              // in shared memory
    static constexpr int kept = C.register_k > 0 ? C.register_k : 1;
    static constexpr int n_tiles = C.batch / 8, chains = C.chains;
    static constexpr int stride = (C.batch + 2) * piece;  // elements of all sequences; 32 bytes more keep banks apart
    static constexpr int elements = all_groups * 4 * stride;
    static constexpr int sum_stride = (units * sums + 23) / 32 * 32 + 8;  // of a sequence; 8 more keep banks apart
    static constexpr int sum_elements = C.k_split * C.batch * sum_stride;
    static constexpr int pairs = units / 2 * C.batch;  // of units, times sequences
    static constexpr int thread_pairs = ceil_div(pairs, threads);
    // Octets that a warp's weights are stored of. Where all rows are one warp's, none is empty.
    static constexpr int own_octets = is_product_of_step<Pass>() && m_warps == 1 ? octets : 2 * tiles;
    static constexpr int weight_words = own_octets * stored * 32;  // of 16 bytes, per warp
    // Of sums, in a grid.
    static constexpr int sum_copies = C.warps * weight_words * 16 + 2 * sum_elements * 4 > kRoomForTwoSums ? 1 : 2;
    static_assert(D % 8 == 0 && C.warps % C.k_split == 0 && C.batch % 8 == 0 && stored >= 0 && C.register_k >= 0 &&
                      C.streamed_k >= 0 && C.chains >= 1 && C.chains <= 2,
                  "as the space promises");
    static_assert(in_tensor_order<C, Pass>() || (all_groups % C.k_split == 0 && C.streamed_k == 0),
                  "as the space promises");
};

// 8 units of one gate (word 0) and of the next octet (word 1), at a piece of the columns per lane.
struct OctetPair {
    uint4 word[2];
};

template <RecurrentConfig C, class Pass, int D>
struct SharedBlock {
    using Shape = SharedShape<C, Pass, D>;
    int lane, warp, rank, n, b0;

    __device__ int unit0() const { return rank * Shape::units; }
    // Constant where all warps have the same rows: their addresses then differ by constants.
    __device__ int m_warp() const { return C.k_split == C.warps ? 0 : warp / C.k_split; }
    __device__ int k_warp() const { return warp % C.k_split; }
    __device__ int column_piece(int group) const { return (group * C.k_split + k_warp()) * 4 + lane % 4; }
    __device__ int octet(int tile, int half) const { return (m_warp() * Shape::tiles + tile) * 2 + half; }

    __device__ OctetPair load_weights(const HeadWeights<Pass, D>& weights, int tile, int group) const {
        OctetPair pair;
        const int column = column_piece(group);
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            int row = octet(tile, half), unit = unit0() + row / Shape::sums * 8 + lane / 4;
            if constexpr (in_tensor_order<C, Pass>()) {
                pair.word[half] = row < Shape::octets && column < Shape::all_pieces
                                      ? weights.piece_of_row(row % Shape::sums, unit, column)
                                      : make_uint4(0, 0, 0, 0);
            } else {
                pair.word[half] = row < Shape::octets ? weights.piece(row % Shape::sums, unit, column % Pass::columns,
                                                                      column / Pass::columns * Shape::piece)
                                                      : make_uint4(0, 0, 0, 0);
            }
        }
        return pair;
    }
};

// The weights of a warp: the first register_k groups in registers, more in shared memory, 16 bytes a lane, and what is
// left where it came from, read in every step.
template <RecurrentConfig C, class Pass, int D>
struct SharedWeights {
    using Shape = SharedShape<C, Pass, D>;
    OctetPair kept[Shape::tiles][Shape::kept];
    uint4* stored;  // of this warp
    HeadWeights<Pass, D> all;

    __device__ SharedWeights(uint4* stored_here, const HeadWeights<Pass, D>& of_head)
        : stored(stored_here), all(of_head) {}

    __device__ static constexpr bool has_second(int tile) { return 2 * tile + 1 < Shape::own_octets; }
    __device__ uint4& slot(int tile, int group, int half, int lane) const {
        return stored[(2 * tile * Shape::stored + group * (has_second(tile) ? 2 : 1) + half) * 32 + lane];
    }

    __device__ OctetPair group(const SharedBlock<C, Pass, D>& block, int tile, int k) const {
        if (k < C.register_k) {
            return kept[tile][k % Shape::kept];
        }
        if (k >= Shape::held) {
            return block.load_weights(all, tile, k);
        }
        return {{slot(tile, k - C.register_k, 0, block.lane),
                 has_second(tile) ? slot(tile, k - C.register_k, 1, block.lane) : make_uint4(0, 0, 0, 0)}};
    }
};

// First what goes to shared memory, while the registers of the others are free. The compiler moves no load across the
// barrier: with all of them under way at once, values that are there from the beginning were spilled.
template <RecurrentConfig C, class Pass, int D>
__device__ void read_weights(SharedWeights<C, Pass, D>& weights, const SharedBlock<C, Pass, D>& block) {
    using Shape = SharedShape<C, Pass, D>;
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll 4
        for (int k = C.register_k; k < Shape::held; ++k) {
            OctetPair pair = block.load_weights(weights.all, i, k);
            weights.slot(i, k - C.register_k, 0, block.lane) = pair.word[0];
            if (weights.has_second(i)) {
                weights.slot(i, k - C.register_k, 1, block.lane) = pair.word[1];
            }
        }
    }
    __syncwarp();
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
        for (int k = 0; k < C.register_k; ++k) {
            weights.kept[i][k] = block.load_weights(weights.all, i, k);
        }
    }
}

// The sums of a warp's share of the product.
template <class Shape>
struct PartialSums {
    FragmentD of[Shape::chains][Shape::tiles][Shape::n_tiles] = {};
};

// partial += one group of columns, of which `state` is the other factor.
template <class T, class Weights, class Block, class Shape>
__device__ void multiply_group(PartialSums<Shape>& partial, const Weights& weights, const Block& block, int k,
                               const uint4 (&state)[Shape::n_tiles]) {
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
        const OctetPair pair = weights.group(block, i, k);
        const uint4 &low = pair.word[0], &high = pair.word[1];
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
            mma<T>(partial.of[0][i][j], {{low.x, high.x, low.y, high.y}},
                   {{as_factor<T>(state[j].x), as_factor<T>(state[j].y)}});
            mma<T>(partial.of[Shape::chains - 1][i][j], {{low.z, high.z, low.w, high.w}},
                   {{as_factor<T>(state[j].z), as_factor<T>(state[j].w)}});
        }
    }
}

// To `sums` as [part of the columns][sequence][row].
template <class Block, class Shape>
__device__ void store_sums(const PartialSums<Shape>& partial, const Block& block, float* sums) {
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
        for (int v = 0; v < 4; ++v) {
            int row = block.octet(i, v / 2);
            if (row < Shape::octets) {
#pragma unroll
                for (int j = 0; j < Shape::n_tiles; ++j) {
                    float sum = partial.of[0][i][j].v[v] +
                                (Shape::chains > 1 ? partial.of[Shape::chains - 1][i][j].v[v] : 0.0f);
                    int sequence = j * 8 + 2 * (block.lane % 4) + v % 2;
                    sums[(block.k_warp() * Shape::n_tiles * 8 + sequence) * Shape::sum_stride + row * 8 +
                         block.lane / 4] = sum;
                }
            }
        }
    }
}

// Two neighbouring units of one sequence, whose cells a thread computes. Four lanes have the units of an octet.
template <RecurrentConfig C, class Pass, int D>
struct UnitPair {
    using Shape = SharedShape<C, Pass, D>;
    using Block = SharedBlock<C, Pass, D>;
    int sequence, unit;  // in the block
    bool inside;         // of the tensors
    bool exists;         // in the head
    int row, state;      // as Where has them, at step 0

    __device__ UnitPair(const Block& block, const typename Pass::Tensors& in, int index) {
        int number = static_cast<int>(threadIdx.x) + index * Shape::threads;
        sequence = number / 4 % C.batch;
        unit = number / (4 * C.batch) * 8 + 2 * (number % 4);
        exists = number < Shape::pairs && block.unit0() + unit < D;
        inside = exists && block.b0 + sequence < in.B;
        const Where at = where_of<Pass>(in, block.b0 + sequence, block.n, 0, 0);
        state = at.state;
        row = at.row;
    }

    // `steps`: the rows of the steps before.
    __device__ Where where(const Block& block, int steps) const {
        return {steps + row, state, steps, block.unit0() + unit, inside, block.b0 + sequence};
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

// Before a step, which `row` rows of others precede: the first one, or, Again, one that goes on with what write_last
// has left.
template <bool Again, RecurrentConfig C, class Pass, int D, class Shape>
__device__ void read_pairs(PairsHeld<Shape, Pass>& pairs, const typename Pass::Tensors& in,
                           const SharedBlock<C, Pass, D>& block, int row) {
#pragma unroll
    for (int p = 0; p < Shape::thread_pairs; ++p) {
        UnitPair<C, Pass, D> pair(block, in, p);
        const Where at = pair.where(block, 0);
        Pass::read_fixed(pairs.fixed[p], in, block.n, pair.exists ? at.unit : D);
        Pass::template read_held<Again>(pairs.held[p], in, at);
        Pass::load(pairs.input[p], in, pair.where(block, row));
    }
}

// What no other block waits for: the outputs of step t of the walk, those that were exchanged excepted where they are
// stored already, and the inputs of the next step, after the last one that one's again. `row` counts the rows of the
// steps before this one; then those before the next one.
template <bool Exchanged, RecurrentConfig C, class Pass, int D, class Shape>
__device__ void store_and_load(PairsHeld<Shape, Pass>& pairs, const typename Pass::Tensors& in,
                               const SharedBlock<C, Pass, D>& block, int t, int& row) {
    const int to_next = rows_to_next<Pass>(in), next_row = row + (t + 1 < in.T ? to_next : 0);
#pragma unroll
    for (int p = 0; p < Shape::thread_pairs; ++p) {
        UnitPair<C, Pass, D> pair(block, in, p);
        if (pair.inside) {
            Pass::template store<Exchanged>(pairs.output[p], pairs.held[p], in, pair.where(block, row));
            Pass::load(pairs.input[p], in, pair.where(block, next_row));
            if (t + kStepsAhead < in.T && block.lane % 4 == 0) {
                Pass::fetch(in, pair.where(block, row + kStepsAhead * to_next));
            }
        }
    }
    row = next_row;
}

// The sums of a pair, of all warps that share the columns.
template <RecurrentConfig C, class Pass, int D>
__device__ void gather(float (&of_units)[Pass::rows][2], const typename Pass::Fixed& fixed,
                       const UnitPair<C, Pass, D>& pair, const float* sums) {
    using Shape = SharedShape<C, Pass, D>;
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

// After the last step, of whose product the sums are, where the pass closes with one.
template <RecurrentConfig C, class Pass, int D, class Shape>
__device__ void write_last(const PairsHeld<Shape, Pass>& pairs, const typename Pass::Tensors& in,
                           const SharedBlock<C, Pass, D>& block, const float* sums) {
#pragma unroll
    for (int p = 0; p < Shape::thread_pairs; ++p) {
        UnitPair<C, Pass, D> pair(block, in, p);
        float of_units[Shape::sums][2] = {};
        if constexpr (Pass::closes) {
            gather<C, Pass>(of_units, pairs.fixed[p], pair, sums);
        }
        Pass::write_last(pairs.held[p], of_units, in, pair.where(block, 0));
    }
}
