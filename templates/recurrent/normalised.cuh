// The recurrent skeleton for cells that normalise over the units of a head: a block, those of a cluster or those of a
// grid share a head, and hand each other what the product takes in through memory, and sums over its units.
#pragma once

#include "recurrent/normalised_passes.cuh"
#include "recurrent/share_items.cuh"
#include "recurrent/two_product_shares.cuh"

// Shared memory from a share's sums on: slots, in their place, and behind them what HeadReduction needs besides.
template <RecurrentConfig C, class Pass, class Share>
__device__ HeadReduction<C, Pass, Share> reduction_behind_sums(int rank) {
    constexpr int slot_floats = 3 * C.batch * Share::kSlots;
    constexpr int room = (slot_floats > Share::kSumElements ? slot_floats : Share::kSumElements) + 3;
    return {Share::sums(), Share::sums() + room / 4 * 4, rank};
}

template <RecurrentConfig C, class Pass, class Share>
struct HeadItems {
    const typename Pass::Tensors& in;
    const Share& share;
    HeadReduction<C, Pass, Share> reduction;
    SumsOfBlocks<C, Pass> of_blocks;
    int copy = 0, values_per_unit = 1;

    // Of the head, what `partial` says of each item. Whether all of it is known then.
    template <int Round, class Partial>
    __device__ bool reduce(Partial partial) {
        ++copy;
        put<Round>(partial);
        reduction.reduce(copy, values_per_unit, of_blocks);
        return true;
    }
    __device__ HeadSums of(int item) const {
        return reduction.of(copy, share.sequence(in, item) % C.batch, values_per_unit * Pass::kUnitsOfHead);
    }

  protected:
    template <int Round, class Partial>
    __device__ void put(Partial partial) {
        values_per_unit = Pass::values_of(Round);
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            const HeadSums sums = share.where(in, i, 0).unit < Pass::kUnitsOfHead ? partial(i) : HeadSums{};
            reduction.put(share.sequence(in, i), share.slot(in, i), sums);
        }
    }
};

// What the items of a share make of the sums of a product, whose place is free then.
template <class Pass, class Share>
__device__ void begin_items(ShareItems<Share, Pass>& items, const typename Pass::Tensors& in, const Share& share,
                            int step) {
#pragma unroll
    for (int i = 0; i < Share::kItems; ++i) {
        float sums[Share::template kRows<0>][Pass::W];
        share.template gather_sums<0>(sums, in, items.fixed[i], i);
        Pass::begin(items.held[i], items.between[i], items.fixed[i], items.input[i], sums, step);
    }
    __syncthreads();
}

// Whether sums of step t lie where its own values will be, and not where those of the next step will.
template <class Pass>
__device__ bool sums_lie_in_step(const typename Pass::Tensors& in, int t) {
    return Pass::packed || t + 1 == in.T;
}

template <RecurrentConfig C, class Pass, class Share>
__device__ void recurrent_normalised(const typename Pass::Tensors& in) {
    const int rank = static_cast<int>(blockIdx.x) % C.blocks, b0 = static_cast<int>(blockIdx.y) * C.batch;
    const Share share(in, rank, static_cast<int>(blockIdx.x) / C.blocks, b0);
    HeadItems<C, Pass, Share> head{in, share, reduction_behind_sums<C, Pass, Share>(rank), {in, share.n, b0, 0}};
    ShareItems<Share, Pass> items;
    int row = rows_to_begin<Pass>(in);  // rows of the steps before the one at hand
    items.template read<false>(in, share, row);

#pragma unroll 1
    for (int t = 0; t < in.T; ++t) {
        const int step = step_at<Pass>(in, t);
        const bool in_step = sums_lie_in_step<Pass>(in, t);
        share.template multiply<0>(in, t);
        begin_items<Pass>(items, in, share, step);
        if constexpr (through_l2(C)) {
            head.of_blocks.steps = in_step ? row : row + rows_to_next<Pass>(in);
        }
        Pass::normalise_all(head, items.held, items.between, items.fixed, items.input, row, step);
        if constexpr (through_l2(C)) {
            if (in_step) {
                synchronise_grid();  // before this step's values are written there
            }
        }
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            typename Pass::Output out;
            Pass::finish(items.held[i], out, items.between[i], items.fixed[i], items.input[i], step);
            items.store_and_load(i, out, in, share, t, row);
        }
        row += rows_to_next<Pass>(in);
        synchronise_head<C>();
    }
    items.write_last(in, share);
}
