// The recurrent skeleton for heads that need more SMs than a cluster has: the blocks of a cooperative grid share the
// units of a head, and hand each other new values through L2 (grid_exchange.cuh).
//
// A warp has all rows of its block and a part of the columns, so that each word goes from L2 to the registers of the
// one warp that multiplies with it: shared memory has weights and partial sums alone, and a warp waits only for the
// blocks whose values it takes in. Of the partial sums there are two copies, so that one barrier of the block is enough
// in a step: who stores those of step t + 2 has passed the barrier of step t + 1, to which all came after reading those
// of t. Where weights need the room there is one copy, and a second barrier at the end of a step.
//
// Weights for which a block has no room come from L2 in every step.
#pragma once

#include "recurrent/grid_exchange.cuh"
#include "recurrent/shared_head.cuh"

// This warp's share of the product, to `sums` as [sequence][row], with as many loads under way as fit in 32 registers.
template <RecurrentConfig C, class Pass, int D>
__device__ void multiply_arriving(const SharedWeights<C, Pass, D>& weights, const SharedBlock<C, Pass, D>& block,
                                  const GridExchange<C, Pass, D>& exchange, float* sums) {
    using Shape = SharedShape<C, Pass, D>;
    // Weights that come from L2 need the registers themselves; of a block that is full there are fewer left.
    constexpr int tiles_under_way = Shape::sum_copies == 1 && Shape::tiles >= 4 ? 6 : 8;
    constexpr int wanted = C.streamed_k == 0 && Shape::n_tiles < 4 ? tiles_under_way / Shape::n_tiles : 2;
    constexpr int under_way = wanted < Shape::groups ? wanted : Shape::groups;
    PartialSums<Shape> partial;
    uint4 state[under_way][Shape::n_tiles];
    exchange.wait();
#pragma unroll
    for (int k = 0; k < under_way; ++k) {
        exchange.load(state[k], k);
    }
#pragma unroll
    for (int k = 0; k < Shape::groups; ++k) {
        exchange.complete(state[k % under_way], k);
        multiply_group<typename Pass::Type>(partial, weights, block, k, state[k % under_way]);
        if (k + under_way < Shape::groups) {
            exchange.load(state[k % under_way], k + under_way);
        }
    }
    store_sums(partial, block, sums);
}

// Which copy of the sums step t has. Of one copy the compiler is not to see that it is always the same: it kept all its
// addresses in registers over all steps, and spilled others.
template <class Shape>
__device__ int copy_of_sums(int t) {
    int copy = t % Shape::sum_copies;
    if constexpr (Shape::sum_copies == 1) {
        asm volatile("" : "+r"(copy));
    }
    return copy;
}

template <RecurrentConfig C, class Pass, int D>
__device__ void recurrent_grid(const typename Pass::Tensors& in) {
    using Shape = SharedShape<C, Pass, D>;
    using Pair = UnitPair<C, Pass, D>;
    using Exchange = GridExchange<C, Pass, D>;
    extern __shared__ uint4 shared[];
    const SharedBlock<C, Pass, D> block{
        static_cast<int>(threadIdx.x % 32), static_cast<int>(threadIdx.x / 32), static_cast<int>(blockIdx.x) % C.blocks,
        static_cast<int>(blockIdx.x) / C.blocks, static_cast<int>(blockIdx.y) * C.batch};
    float* const all_sums = reinterpret_cast<float*>(shared + C.warps * Shape::weight_words);

    Exchange::fill(in);
    SharedWeights<C, Pass, D> weights(shared + block.warp * Shape::weight_words, HeadWeights<Pass, D>(in.R, block.n));
    read_weights(weights, block);
    PairsHeld<Shape, Pass> pairs;
    int step_row = rows_to_begin<Pass>(in);  // rows of the steps before the one to come
    read_pairs<false>(pairs, in, block, step_row);
    Exchange exchange(in, block, 0);
    synchronise_grid();

#pragma unroll 1
    for (int t = 0; t < in.T; ++t) {
        float* const sums = all_sums + copy_of_sums<Shape>(t) * Shape::sum_elements;
        multiply_arriving(weights, block, exchange, sums);
        exchange.advance(in, block, t);
        __syncthreads();
#pragma unroll
        for (int p = 0; p < Shape::thread_pairs; ++p) {
            Pair pair(block, in, p);
            float of_units[Shape::sums][2];
            gather<C, Pass>(of_units, pairs.fixed[p], pair, sums);
            Pass::step(pairs.held[p], pairs.output[p], pairs.fixed[p], pairs.input[p], of_units, step_at<Pass>(in, t));
            Where at = pair.where(block, step_row);
            if constexpr (Pass::packed) {
                at = in_rows(in, at);
            }
            if (at.inside) {
#pragma unroll
                for (int gate = 0; gate < Pass::columns; ++gate) {
                    Exchange::publish(in, at, gate, Pass::published(pairs.output[p], gate));
                }
            }
        }
        // What no other block waits for comes while the new values are under way.
        store_and_load<false>(pairs, in, block, t, step_row);
        if constexpr (Shape::sum_copies == 1) {
            __syncthreads();
        }
    }
    float* const sums = all_sums + in.T % Shape::sum_copies * Shape::sum_elements;
    if constexpr (Pass::closes) {
        multiply_arriving(weights, block, exchange, sums);
        __syncthreads();
    }
    write_last(pairs, in, block, sums);
}
