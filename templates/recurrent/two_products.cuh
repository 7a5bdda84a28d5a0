// The recurrent skeleton for cells with two products in a step. A block, those of a cluster or those of a cooperative
// grid share a head, and hand each other what the products take in through memory, with a barrier behind each: u of the
// first product's sums, then h, or, on the way back, the gradients of the second product's gates, then those of the
// first one's.
//
// Where heads are too large or too many for that, the blocks of a cooperative grid take shares of each product in turn,
// as in in_turn.cuh. What a share has between its products is computed again then.
#pragma once

#include "recurrent/synchronise_head.cuh"
#include "recurrent/two_product_shares.cuh"

template <RecurrentConfig C, class Pass, class Share>
__device__ void recurrent_two_products(const typename Pass::Tensors& in) {
    Share share(in, static_cast<int>(blockIdx.x) % C.blocks, static_cast<int>(blockIdx.x) / C.blocks,
                static_cast<int>(blockIdx.y) * C.batch);
    typename Pass::Fixed fixed[Share::kItems];
    typename Pass::Held held[Share::kItems];
    typename Pass::Input input[Share::kItems];
    typename Pass::Between between[Share::kItems];
    int row = rows_to_begin<Pass>(in);  // rows of the steps before the one at hand
    const int to_next = rows_to_next<Pass>(in);
#pragma unroll
    for (int i = 0; i < Share::kItems; ++i) {
        const Where at = share.where(in, i, row);
        Pass::read_fixed(fixed[i], in, share.n, at.unit);
        Pass::template read_held<false>(held[i], in, at);
        Pass::load(input[i], in, at);
    }

#pragma unroll 1
    for (int t = 0; t < in.T; ++t) {
        share.template multiply<0>(in, t);
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            float sums[Share::template kRows<0>][Pass::W];
            share.template gather_sums<0>(sums, in, fixed[i], i);
            Pass::first_step(held[i], between[i], fixed[i], input[i], sums, step_at<Pass>(in, t));
            Pass::store_between(between[i], in, share.where(in, i, row));
        }
        synchronise_head<C>();
        share.template multiply<1>(in, t);
        const int next_row = row + (t + 1 < in.T ? to_next : 0);
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            float sums[Share::template kRows<1>][Pass::W];
            share.template gather_sums<1>(sums, in, fixed[i], i);
            typename Pass::Output out;
            Pass::second_step(held[i], out, between[i], fixed[i], input[i], sums, step_at<Pass>(in, t));
            const Where at = share.where(in, i, row);
            Pass::store(out, held[i], in, at);
            Pass::load(input[i], in, share.where(in, i, next_row));
            if (t + kStepsAhead < in.T && threadIdx.x % Share::kLanesOfASector == 0 && at.inside) {
                Pass::fetch(in, share.where(in, i, row + kStepsAhead * to_next));
            }
        }
        row = next_row;
        synchronise_head<C>();
    }
    if constexpr (Pass::closes) {
        share.template multiply<0>(in, in.T);
    }
#pragma unroll
    for (int i = 0; i < Share::kItems; ++i) {
        float sums[Pass::rows][Pass::W] = {};
        if constexpr (Pass::closes) {
            share.template gather_sums<0>(sums, in, fixed[i], i);
        }
        Pass::write_last(held[i], sums, in, share.where(in, i, 0));
    }
}

// One share of step t, up to what the second product takes in, or, Second, all of it; after the last step what a pass
// closes with.
template <bool Second, class Pass, class Share>
__device__ void step_two_product_share(const typename Pass::Tensors& in, const Share& share, int t) {
    const int steps = t < in.T ? rows_before<Pass>(in, t) : 0;
    typename Pass::Fixed fixed[Share::kItems];
    typename Pass::Held held[Share::kItems];
    typename Pass::Input input[Share::kItems];
    typename Pass::Between between[Share::kItems];
#pragma unroll
    for (int i = 0; i < Share::kItems; ++i) {
        const Where at = share.where(in, i, steps);
        Pass::read_fixed(fixed[i], in, share.n, at.unit);
        if (t == 0) {
            Pass::template read_held<false>(held[i], in, at);
        } else {
            Pass::template read_held<true>(held[i], in, at);
        }
        Pass::load(input[i], in, at);
    }
    share.template multiply<0>(in, t);
#pragma unroll
    for (int i = 0; i < Share::kItems; ++i) {
        const Where at = share.where(in, i, steps);
        float sums[Share::template kRows<0>][Pass::W];
        share.template gather_sums<0>(sums, in, fixed[i], i);
        if (t < in.T) {
            Pass::first_step(held[i], between[i], fixed[i], input[i], sums, step_at<Pass>(in, t));
            if constexpr (!Second) {
                Pass::store_between(between[i], in, at);
            }
        } else if constexpr (Pass::closes) {
            Pass::write_last(held[i], sums, in, at);
        }
    }
    if constexpr (Second) {
        __syncthreads();
        share.template multiply<1>(in, t);
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            const Where at = share.where(in, i, steps);
            float sums[Share::template kRows<1>][Pass::W];
            share.template gather_sums<1>(sums, in, fixed[i], i);
            typename Pass::Output out;
            Pass::second_step(held[i], out, between[i], fixed[i], input[i], sums, step_at<Pass>(in, t));
            Pass::store(out, held[i], in, at);
            const float nothing[Pass::rows][Pass::W] = {};
            Pass::write_last(held[i], nothing, in, at);
        }
    }
}

template <RecurrentConfig C, class Pass, class Share>
__device__ void two_products_in_turn(const typename Pass::Tensors& in) {
    const int parts = ceil_div(in.B, C.batch), shares = C.blocks * in.N * parts;
    const int end = 2 * in.T + (Pass::closes ? 1 : 0);  // products
#pragma unroll 1
    for (int i = 0; i < end; ++i) {
#pragma unroll 1
        for (int number = static_cast<int>(blockIdx.x); number < shares; number += static_cast<int>(gridDim.x)) {
            // Shares that have the same weights follow each other.
            const Share share(in, number / parts % C.blocks, number / (parts * C.blocks), number % parts * C.batch);
            if (i % 2 == 0) {
                step_two_product_share<false, Pass>(in, share, i / 2);
            } else {
                step_two_product_share<true, Pass>(in, share, i / 2);
            }
            __syncthreads();  // all are through with the sums of this share
        }
        if (i + 1 < end) {
            synchronise_grid();
        }
    }
}
