// The recurrent skeleton for cells whose h is projected: both parts of a step (projected_passes.cuh), one after the
// other, with a barrier of those that share a head behind each. Blocks have a share of the units and one of h.
//
// Where heads are too large or too many for that, the blocks of a cooperative grid take shares of each part in turn, as
// in in_turn.cuh.
#pragma once

#include "recurrent/projected_passes.cuh"
#include "recurrent/share_items.cuh"
#include "recurrent/synchronise_head.cuh"
#include "recurrent/two_product_shares.cuh"

// Both parts of a pass, in the order in which a step takes them, and how many units each has.
template <class FirstPass, int FirstUnits, class SecondPass, int SecondUnits>
struct ProjectedParts {
    using First = FirstPass;
    using Second = SecondPass;
    using Tensors = typename First::Tensors;
    static constexpr int kFirstUnits = FirstUnits, kSecondUnits = SecondUnits;
};

// Words of shared memory that weights of a part take.
template <RecurrentConfig C, class Pass, int D>
__host__ __device__ constexpr int weight_words() {
    if constexpr (is_same<typename Pass::Type, float>) {
        return 0;
    } else {
        return TensorCoreProduct<C, Pass, ProductOf<Pass, 0>, D>::kWords;
    }
}

// What a block does of a part. Weights of both lie in shared memory one behind the other, sums in the same place.
template <RecurrentConfig C, class Pass, int D, int Before, int After>
using PartShare =
    Choose<is_same<typename Pass::Type, float>, FmaShare<C, Pass, D>, TensorCoreShare<C, Pass, D, Before, After>>;
template <RecurrentConfig C, class Parts>
using FirstShare = PartShare<C, typename Parts::First, Parts::kFirstUnits, 0,
                             weight_words<C, typename Parts::Second, Parts::kSecondUnits>()>;
template <RecurrentConfig C, class Parts>
using SecondShare = PartShare<C, typename Parts::Second, Parts::kSecondUnits,
                              weight_words<C, typename Parts::First, Parts::kFirstUnits>(), 0>;

// One part of step t of the walk, which `row` rows precede, until all that share the head are through with it.
template <RecurrentConfig C, class Pass, class Share>
__device__ void step_part(ShareItems<Share, Pass>& items, const typename Pass::Tensors& in, const Share& share, int t,
                          int row) {
    share.template multiply<0>(in, t);
#pragma unroll
    for (int i = 0; i < Share::kItems; ++i) {
        float sums[Pass::rows][Pass::W];
        share.template gather_sums<0>(sums, in, items.fixed[i], i);
        typename Pass::Output out;
        Pass::step(items.held[i], out, items.fixed[i], items.input[i], sums, step_at<Pass>(in, t));
        items.store_and_load(i, out, in, share, t, row);
    }
    synchronise_head<C>();
}

template <RecurrentConfig C, class Parts>
__device__ void recurrent_projected(const typename Parts::Tensors& in) {
    using First = typename Parts::First;
    using Second = typename Parts::Second;
    const int rank = static_cast<int>(blockIdx.x) % C.blocks, n = static_cast<int>(blockIdx.x) / C.blocks,
              b0 = static_cast<int>(blockIdx.y) * C.batch;
    const FirstShare<C, Parts> first(in, rank, n, b0);
    const SecondShare<C, Parts> second(in, rank, n, b0);
    ShareItems<FirstShare<C, Parts>, First> first_items;
    ShareItems<SecondShare<C, Parts>, Second> second_items;
    int row = rows_to_begin<First>(in);  // rows of the steps before the one at hand
    first_items.template read<false>(in, first, row);
    second_items.template read<false>(in, second, row);
#pragma unroll 1
    for (int t = 0; t < in.T; ++t) {
        step_part<C>(first_items, in, first, t, row);
        step_part<C>(second_items, in, second, t, row);
        row += rows_to_next<First>(in);
    }
    first_items.write_last(in, first);
    second_items.write_last(in, second);
}

// A part of step t of one share; after the last step what a pass closes with.
template <class Pass, class Share>
__device__ void step_part_share(const typename Pass::Tensors& in, const Share& share, int t) {
    ShareItems<Share, Pass> items;
    const int steps = items.read_in_turn(in, share, t);
    share.template multiply<0>(in, t);
#pragma unroll
    for (int i = 0; i < Share::kItems; ++i) {
        const Where at = share.where(in, i, steps);
        float sums[Pass::rows][Pass::W];
        share.template gather_sums<0>(sums, in, items.fixed[i], i);
        if (t < in.T) {
            typename Pass::Output out;
            const float nothing[Pass::rows][Pass::W] = {};
            Pass::step(items.held[i], out, items.fixed[i], items.input[i], sums, step_at<Pass>(in, t));
            Pass::store(out, items.held[i], in, at);
            Pass::write_last(items.held[i], nothing, in, at);
        } else {
            Pass::write_last(items.held[i], sums, in, at);
        }
    }
}

template <RecurrentConfig C, class Parts>
__device__ void projected_in_turn(const typename Parts::Tensors& in) {
    using First = typename Parts::First;
    using Second = typename Parts::Second;
    const int end = 2 * in.T + (First::closes ? 1 : 0);  // parts
#pragma unroll 1
    for (int i = 0; i < end; ++i) {
        take_shares<C>(in, [&](SharePlace place) {
            if (i % 2 == 0) {
                step_part_share<First>(in, FirstShare<C, Parts>(in, place.rank, place.n, place.b0), i / 2);
            } else {
                step_part_share<Second>(in, SecondShare<C, Parts>(in, place.rank, place.n, place.b0), i / 2);
            }
            __syncthreads();  // all are through with the sums of this share
        });
        if (i + 1 < end) {
            synchronise_grid();
        }
    }
}
