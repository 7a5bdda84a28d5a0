// The recurrent skeleton for heads that one SM cannot hold, or not fast enough: the blocks of a cluster share the units
// of a head. Every block has its units' rows of the weights and all that the product takes in: h, or, on the way back,
// dr. New values go to all blocks of the cluster through their shared memory, and nothing else is exchanged. A block's
// share of them lies side by side, as [units of 16 bytes][gate][sequence][unit], so that it goes to another block by
// one bulk copy or by few wide stores.
#pragma once

#include "recurrent/cluster_exchange.cuh"
#include "recurrent/shared_head.cuh"

// partial += group k of this warp's columns.
template <class T, class Weights, class Block, class Shape>
__device__ void multiply_published(PartialSums<Shape>& partial, const Weights& weights, const Block& block, const T* h,
                                   int k) {
    uint4 state[Shape::n_tiles];
#pragma unroll
    for (int j = 0; j < Shape::n_tiles; ++j) {
        state[j] = *reinterpret_cast<const uint4*>(h + block.column_piece(k) * Shape::stride +
                                                   (j * 8 + block.lane / 4) * Shape::piece);
    }
    multiply_group<T>(partial, weights, block, k, state);
}

// This warp's share of the product, to `sums` as [sequence][row].
template <RecurrentConfig C, class T, class Shape, class Weights, class Block>
__device__ void multiply_share(const Weights& weights, const Block& block, const T* h, float* sums) {
    // Groups whose weights the compiler may have on the way from shared memory at once: with more it ran out of
    // registers.
    constexpr int at_once = Shape::tiles * Shape::stored <= 16 ? Shape::stored : ceil_div(8, Shape::tiles);
    PartialSums<Shape> partial;
#pragma unroll
    for (int k = 0; k < C.register_k; ++k) {
        multiply_published(partial, weights, block, h, k);
    }
#pragma unroll(at_once > 0 ? at_once : 1)
    for (int k = C.register_k; k < Shape::groups; ++k) {
        multiply_published(partial, weights, block, h, k);
    }
    store_sums(partial, block, sums);
}

// What the first product takes in, to both copies; what lies beyond D or the batch is zero, and beyond D stays so.
template <RecurrentConfig C, class Pass, int D, class Shape>
__device__ void read_first_published(const typename Pass::Tensors& in, const SharedBlock<C, Pass, D>& block,
                                     typename Pass::Type* published) {
    for (int i = 2 * static_cast<int>(threadIdx.x); i < 2 * Shape::elements; i += 2 * Shape::threads) {
        constexpr int units = Shape::piece;
        int sequence = i % Shape::stride / units, piece = i % Shape::elements / Shape::stride;
        bool inside = sequence < C.batch && block.b0 + sequence < in.B && piece < Shape::all_pieces;
        const Where at = where_of<Pass>(in, block.b0 + sequence, block.n, 0, piece / Pass::columns * units + i % units);
        using Both = Word<typename Pass::Type>;
        *reinterpret_cast<Both*>(published + i) = inside ? Pass::first(in, at, piece % Pass::columns) : Both{};
    }
}

template <RecurrentConfig C, class Pass, int D>
__device__ void recurrent_cluster(const typename Pass::Tensors& in) {
    using Shape = SharedShape<C, Pass, D>;
    using Pair = UnitPair<C, Pass, D>;
    using T = typename Pass::Type;
    extern __shared__ uint4 shared[];
    const SharedBlock<C, Pass, D> block{
        static_cast<int>(threadIdx.x % 32), static_cast<int>(threadIdx.x / 32), static_cast<int>(blockIdx.x) % C.blocks,
        static_cast<int>(blockIdx.x) / C.blocks, static_cast<int>(blockIdx.y) * C.batch};
    T* const published = reinterpret_cast<T*>(shared + C.warps * Shape::weight_words);  // two copies
    float* const sums = reinterpret_cast<float*>(published + 2 * Shape::elements);
    const unsigned barriers = shared_address(sums + Shape::sum_elements);

    SharedWeights<C, Pass, D> weights(shared + block.warp * Shape::weight_words, HeadWeights<Pass, D>(in.R, block.n));
    read_weights(weights, block);
    read_first_published<C, Pass, D, Shape>(in, block, published);
    PairsHeld<Shape, Pass> pairs;
    int step_row = rows_to_begin<Pass>(in);  // rows of the steps before the one to come
    read_pairs<false>(pairs, in, block, step_row);
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
        multiply_share<C, T, Shape>(weights, block, published + t % 2 * Shape::elements, sums);
        T* const next = published + (t + 1) % 2 * Shape::elements;
        __syncthreads();
#pragma unroll
        for (int p = 0; p < Shape::thread_pairs; ++p) {
            Pair pair(block, in, p);
            float of_units[Shape::sums][2];
            gather<C, Pass>(of_units, pairs.fixed[p], pair, sums);
            Pass::step(pairs.held[p], pairs.output[p], pairs.fixed[p], pairs.input[p], of_units, step_at<Pass>(in, t));
            int unit = block.unit0() + pair.unit;
            if (pair.exists) {
#pragma unroll
                for (int gate = 0; gate < Pass::columns; ++gate) {
                    constexpr int piece = Shape::piece;
                    T* const at = next + (unit / piece * Pass::columns + gate) * Shape::stride + pair.sequence * piece +
                                  unit % piece;
                    *reinterpret_cast<Word<T>*>(at) = Pass::published(pairs.output[p], gate);
                }
            }
        }
        exchange.close();
        __syncthreads();
        if (t + 1 < in.T || Pass::closes) {
            exchange.send((t + 1) % 2);
        }
        // What no other block waits for comes while the new values are under way.
        store_and_load<true>(pairs, in, block, t, step_row);
    }
    if constexpr (Pass::closes) {
        exchange.wait(in.T);
        multiply_share<C, T, Shape>(weights, block, published + in.T % 2 * Shape::elements, sums);
        __syncthreads();
    }
    write_last(pairs, in, block, sums);
    synchronise_cluster();  // none ends while others may still send to it
}
