// The recurrent skeleton for cells that normalise over the units of a head: a block, those of a cluster or those of a
// grid share a head, and hand each other what the product takes in through memory, and sums over its units.
#pragma once

#include "recurrent/normalised_passes.cuh"
#include "recurrent/share_items.cuh"
#include "recurrent/two_product_shares.cuh"

template <RecurrentConfig C, class Pass, class Share>
struct HeadItems {
    const typename Pass::Tensors& in;
    const Share& share;
    HeadReduction<C, Share> reduction;
    SumsOfBlocks of_blocks;
    int round, values_per_unit;

    // Of the head, what `partial` says of each item, of so many values per unit. Combined in pairs by `combine`.
    template <class Partial, class Combine>
    __device__ void reduce(int values, Partial partial, Combine combine) {
        values_per_unit = values;
        ++round;
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            const HeadSums sums = share.where(in, i, 0).unit < Pass::kUnitsOfHead ? partial(i) : HeadSums{};
            reduction.put(share.sequence(in, i), share.slot(in, i), sums);
        }
        reduction.reduce(round, values, combine, of_blocks);
    }
    __device__ HeadSums of(int item) const {
        return reduction.of(round, share.sequence(in, item) % C.batch, values_per_unit * Pass::kUnitsOfHead);
    }
};

// Where the values of the step that `steps` rows precede will be.
template <RecurrentConfig C, class Pass>
__device__ SumsOfBlocks sums_of_blocks(const typename Pass::Tensors& in, int n, int steps) {
    constexpr int row = Pass::columns * Pass::kUnitsOfHead, bytes = row * static_cast<int>(sizeof(typename Pass::Type));
    static_assert(2 * 8 * C.blocks <= bytes, "as the space promises");
    const int b0 = static_cast<int>(blockIdx.y) * C.batch;
    const Where at = where_of<Pass>(in, b0, n, steps, 0);
    return {reinterpret_cast<char*>(row_of<row>(Pass::exchanged(in), at.row)),
            static_cast<long long>(sequence_rows<Pass>(in)) * bytes, in.B - b0};
}

template <RecurrentConfig C, class Pass, class Share>
__device__ void recurrent_normalised(const typename Pass::Tensors& in) {
    constexpr int slot_floats = 3 * C.batch * Share::kSlots;
    constexpr int room = (slot_floats > Share::kSumElements ? slot_floats : Share::kSumElements) + 3;
    const Share share(in, static_cast<int>(blockIdx.x) % C.blocks, static_cast<int>(blockIdx.x) / C.blocks,
                      static_cast<int>(blockIdx.y) * C.batch);
    HeadItems<C, Pass, Share> head{
        in, share, {Share::sums(), Share::sums() + room / 4 * 4, static_cast<int>(blockIdx.x) % C.blocks}, {}, 0, 1};
    ShareItems<Share, Pass> items;
    int row = rows_to_begin<Pass>(in);  // rows of the steps before the one at hand
    items.template read<false>(in, share, row);

#pragma unroll 1
    for (int t = 0; t < in.T; ++t) {
        const int step = step_at<Pass>(in, t);
        const bool is_last = t + 1 == in.T;
        share.template multiply<0>(in, t);
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            float sums[Share::template kRows<0>][Pass::W];
            share.template gather_sums<0>(sums, in, items.fixed[i], i);
            Pass::begin(items.held[i], items.between[i], items.fixed[i], items.input[i], sums, step);
        }
        __syncthreads();  // all have their sums
        if constexpr (through_l2(C)) {
            head.of_blocks = sums_of_blocks<C, Pass>(in, share.n, is_last ? row : row + rows_to_next<Pass>(in));
        }
        Pass::normalise_all(head, items.held, items.between, items.fixed, items.input, row, step);
        if constexpr (through_l2(C)) {
            if (is_last) {
                synchronise_grid();  // there is no next step, and the sums lie where this one's values will
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
