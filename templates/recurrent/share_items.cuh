// What a thread holds for the items of its share (two_product_shares.cuh) from step to step; `input` is of the step at
// hand.
#pragma once

#include "recurrent/rows_ahead.cuh"
#include "recurrent/units.cuh"

template <class Share, class Pass>
struct ShareItems {
    using Tensors = typename Pass::Tensors;
    typename Pass::Fixed fixed[Share::kItems];
    typename Pass::Held held[Share::kItems];
    typename Pass::Input input[Share::kItems];
    typename Pass::Between between[Share::kItems];

    // Before a step, which `row` rows of others precede: the first one, or, Again, one that goes on with what
    // write_last has left.
    template <bool Again>
    __device__ void read(const Tensors& in, const Share& share, int row) {
#pragma unroll
        for (int i = 0; i < Share::kItems; ++i) {
            const Where at = share.where(in, i, row);
            Pass::read_fixed(fixed[i], in, share.n, at.unit);
            Pass::template read_held<Again>(held[i], in, at);
            Pass::load(input[i], in, at);
        }
    }

    // The same before step t of the walk, where shares are taken in turn; after the last step, of the states alone.
    // Returns the rows of the steps before.
    __device__ int read_in_turn(const Tensors& in, const Share& share, int t) {
        const int row = t < in.T ? rows_before<Pass>(in, t) : 0;
        if (t == 0) {
            read<false>(in, share, row);
        } else {
            read<true>(in, share, row);
        }
        return row;
    }

    // The outputs of item i at step t of the walk, which `row` rows precede, and its input of the next step, after the
    // last one that one's again.
    __device__ void store_and_load(int i, const typename Pass::Output& out, const Tensors& in, const Share& share,
                                   int t, int row) {
        const int to_next = rows_to_next<Pass>(in);
        const Where at = share.where(in, i, row);
        Pass::store(out, held[i], in, at);
        Pass::load(input[i], in, share.where(in, i, row + (t + 1 < in.T ? to_next : 0)));
        if (t + kStepsAhead < in.T && threadIdx.x % Share::kLanesOfASector == 0 && at.inside) {
            Pass::fetch(in, share.where(in, i, row + kStepsAhead * to_next));
        }
    }

    // After the last step, with its product where the pass closes with one.
    __device__ void write_last(const Tensors& in, const Share& share) const {
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
};
