// The recurrent skeleton for heads of any size, number and batch: a cooperative grid goes through each step together,
// with a barrier of the grid after it. Its blocks take shares of the work in turn, each some units of a head for some
// sequences. A share always goes to the same block, and what it holds from step to step lies where its last value is to
// be. Weights come from L2, or from device memory where they are too many for it, in every step.
#pragma once

#include "recurrent/grid_exchange.cuh"
#include "recurrent/in_turn_fma.cuh"
#include "recurrent/shared_head.cuh"

// This warp's share of the product, to `sums` as [sequence][row].
template <RecurrentConfig C, class Pass, int D>
__device__ void multiply_streamed(const SharedWeights<C, Pass, D>& weights, const SharedBlock<C, Pass, D>& block,
                                  const GridExchange<C, Pass, D>& exchange, float* sums) {
    using Shape = SharedShape<C, Pass, D>;
    constexpr int words = 8 * Shape::tiles + 4 * Shape::n_tiles;  // registers that a group of columns takes
    constexpr int under_way = words < kWordsUnderWay ? kWordsUnderWay / words : 1;
    PartialSums<Shape> partial;
#pragma unroll(under_way)
    for (int k = 0; k < Shape::groups; ++k) {
        uint4 state[Shape::n_tiles];
        exchange.load(state, k);
        multiply_group<typename Pass::Type>(partial, weights, block, k, state);
    }
    store_sums(partial, block, sums);
}

// Step t of one share; after the last one what a pass closes with. `sums` is no other share's until all threads are
// through with it.
template <RecurrentConfig C, class Pass, int D>
__device__ void step_share(const typename Pass::Tensors& in, const SharedBlock<C, Pass, D>& block, int t, float* sums) {
    using Shape = SharedShape<C, Pass, D>;
    const int row = rows_before<Pass>(in, t);
    PairsHeld<Shape, Pass> pairs;
    if (t == 0) {
        read_pairs<false>(pairs, in, block, row);
    } else {
        read_pairs<true>(pairs, in, block, t < in.T ? row : 0);
    }
    const SharedWeights<C, Pass, D> weights(nullptr, HeadWeights<Pass, D>(in.R, block.n));
    multiply_streamed(weights, block, GridExchange<C, Pass, D>(in, block, t), sums);
    __syncthreads();
    if (t == in.T) {
        write_last(pairs, in, block, sums);
        return;
    }
#pragma unroll
    for (int p = 0; p < Shape::thread_pairs; ++p) {
        UnitPair<C, Pass, D> pair(block, in, p);
        float of_units[Shape::sums][2];
        const float nothing[Shape::sums][2] = {};
        gather<C, Pass>(of_units, pairs.fixed[p], pair, sums);
        Pass::step(pairs.held[p], pairs.output[p], pairs.fixed[p], pairs.input[p], of_units, step_at<Pass>(in, t));
        Pass::store(pairs.output[p], pairs.held[p], in, pair.where(block, row));
        Pass::write_last(pairs.held[p], nothing, in, pair.where(block, 0));
    }
}

template <RecurrentConfig C, class Pass, int D>
__device__ void recurrent_in_turn(const typename Pass::Tensors& in) {
    const int end = in.T + (Pass::closes ? 1 : 0);
    int turn = 0;
#pragma unroll 1
    for (int t = 0; t < end; ++t) {
        take_shares<C>(in, [&](SharePlace place) {
            extern __shared__ uint4 shared[];
            if constexpr (is_same<typename Pass::Type, float>) {
                step_share_fma<C, Pass, D>(in, place, t, reinterpret_cast<float*>(shared));
            } else {
                // Of two copies, so that one barrier of the block is enough for a share.
                const SharedBlock<C, Pass, D> block{static_cast<int>(threadIdx.x % 32),
                                                    static_cast<int>(threadIdx.x / 32), place.rank, place.n, place.b0};
                step_share<C, Pass, D>(
                    in, block, t,
                    reinterpret_cast<float*>(shared) + turn++ % 2 * SharedShape<C, Pass, D>::sum_elements);
            }
        });
        if (t + 1 < end) {
            synchronise_grid();
        }
    }
}
