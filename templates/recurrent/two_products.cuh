// The recurrent skeleton for cells with two products in a step. A block, those of a cluster or those of a cooperative
// grid share a head, and hand each other what the products take in through memory, with a barrier behind each: u of the
// first product's sums, then h, or, on the way back, the gradients of the second product's gates, then those of the
// first one's.
//
// Where heads are too large or too many for that, the blocks of a cooperative grid take shares of each product in turn,
// as in in_turn.cuh. What a share has between its products is computed again then.
#pragma once

#include "recurrent/share_items.cuh"
#include "recurrent/synchronise_head.cuh"
#include "recurrent/two_product_shares.cuh"

template <RecurrentConfig C, class Pass, class Share>
__device__ void recurrent_two_products(const typename Pass::Tensors& in) {
    const Share share(in, static_cast<int>(blockIdx.x) % C.blocks, static_cast<int>(blockIdx.x) / C.blocks,
                      static_cast<int>(blockIdx.y) * C.batch);
    ShareItems<Share, Pass> items;
    int row = rows_to_begin<Pass>(in);  // rows of the steps before the one at hand
    items.template read<false>(in, share, row);

#pragma unroll 1
    for (int t = 0; t < in.T; ++t) {
        share.template multiply<0>(in, t);
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            float sums[Share::template kRows<0>][Pass::W];
            share.template gather_sums<0>(sums, in, items.fixed[i], i);
            Pass::first_step(items.held[i], items.between[i], items.fixed[i], items.input[i], sums,
                             step_at<Pass>(in, t));
            Pass::store_between(items.between[i], in, share.where(in, i, row));
        }
        synchronise_head<C>();
        share.template multiply<1>(in, t);
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            float sums[Share::template kRows<1>][Pass::W];
            share.template gather_sums<1>(sums, in, items.fixed[i], i);
            typename Pass::Output out;
            Pass::second_step(items.held[i], out, items.between[i], items.fixed[i], items.input[i], sums,
                              step_at<Pass>(in, t));
            items.store_and_load(i, out, in, share, t, row);
        }
        row += rows_to_next<Pass>(in);
        synchronise_head<C>();
    }
    items.write_last(in, share);
}

// One share of step t, up to what the second product takes in, or, Second, all of it; after the last step what a pass
// closes with.
template <bool Second, class Pass, class Share>
__device__ void step_two_product_share(const typename Pass::Tensors& in, const Share& share, int t) {
    ShareItems<Share, Pass> items;
    const int steps = items.read_in_turn(in, share, t);
    share.template multiply<0>(in, t);
#pragma unroll
    for (int i = 0; i < Share::kItems; ++i) {
        const Where at = share.where(in, i, steps);
        float sums[Share::template kRows<0>][Pass::W];
        share.template gather_sums<0>(sums, in, items.fixed[i], i);
        if (t < in.T) {
            Pass::first_step(items.held[i], items.between[i], items.fixed[i], items.input[i], sums,
                             step_at<Pass>(in, t));
            if constexpr (!Second) {
                Pass::store_between(items.between[i], in, at);
            }
        } else if constexpr (Pass::closes) {
            Pass::write_last(items.held[i], sums, in, at);
        }
    }
    if constexpr (Second) {
        __syncthreads();
        share.template multiply<1>(in, t);
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            const Where at = share.where(in, i, steps);
            float sums[Share::template kRows<1>][Pass::W];
            share.template gather_sums<1>(sums, in, items.fixed[i], i);
            typename Pass::Output out;
            Pass::second_step(items.held[i], out, items.between[i], items.fixed[i], items.input[i], sums,
                              step_at<Pass>(in, t));
            Pass::store(out, items.held[i], in, at);
            const float nothing[Pass::rows][Pass::W] = {};
            Pass::write_last(items.held[i], nothing, in, at);
        }
    }
}

template <RecurrentConfig C, class Pass, class Share>
__device__ void two_products_in_turn(const typename Pass::Tensors& in) {
    const int end = 2 * in.T + (Pass::closes ? 1 : 0);  // products
#pragma unroll 1
    for (int i = 0; i < end; ++i) {
        take_shares<C>(in, [&](SharePlace place) {
            const Share share(in, place.rank, place.n, place.b0);
            if (i % 2 == 0) {
                step_two_product_share<false, Pass>(in, share, i / 2);
            } else {
                step_two_product_share<true, Pass>(in, share, i / 2);
            }
            __syncthreads();  // all are through with the sums of this share
        });
        if (i + 1 < end) {
            synchronise_grid();
        }
    }
}
