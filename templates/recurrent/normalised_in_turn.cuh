// The recurrent skeleton for cells that normalise over heads of any size, number and batch: the blocks of a cooperative
// grid take shares in turn, as in in_turn.cuh. A step has a phase for each time that its units meet, in which every
// share leaves its sums, and one in which values are written; what a share has in between is computed again in each.
//
// Where sums lie in rows that the last phase writes, a phase before it brings those of the head to each share, to a
// place that nobody else writes.
#pragma once

#include "recurrent/normalised.cuh"

template <RecurrentConfig C, class Pass, class Share>
struct HeadInTurn : HeadItems<C, Pass, Share> {
    using Items = HeadItems<C, Pass, Share>;
    using Items::in, Items::of_blocks, Items::reduction;
    SharePlace place;
    int phase;
    bool in_step;  // whether sums lie where values of the same step will

    static constexpr int kBring = Pass::kRounds, kWrite = Pass::kRounds + 1;  // phases

    template <int Round, class Partial>
    __device__ bool reduce(Partial partial) {
        Items::template put<Round>(partial);  // in every phase, for what `partial` makes of the items
        if (phase == Round) {
            reduction.leave(Round, of_blocks);
            return false;
        }
        __syncthreads();  // all are through with what they knew of the head
        reduction.for_sequences([&](int sequence) {
            const HeadSums sums = phase == kWrite && in_step ? brought(Round, sequence) : of_head(Round, sequence);
            reduction.store(reduction.of_head() + sequence, sums);
        });
        __syncthreads();
        return true;
    }

    __device__ void bring() const {
        reduction.for_sequences([&](int sequence) {
            if (of_blocks.of_sequence(sequence) != nullptr) {
#pragma unroll
                for (int round = 0; round < Pass::kRounds; ++round) {
                    reduction.store(own_place(sequence) + round, of_head(round, sequence));
                }
            }
        });
    }

  private:
    __device__ HeadSums of_head(int round, int sequence) const {
        return reduction.of_all_blocks(round, sequence, Pass::values_of(round), of_blocks);
    }
    __device__ HeadSums brought(int round, int sequence) const {
        if (of_blocks.of_sequence(sequence) == nullptr) {
            return {};
        }
        const float2 sums = own_place(sequence)[round];
        return {0.0f, sums.x, sums.y};
    }
    __device__ float2* own_place(int sequence) const {
        static_assert(Share::units(C.blocks - 1) * sizeof(typename Pass::Type) >= 8 * Pass::kRounds,
                      "the last share has the fewest units");
        const int unit = place.rank * Share::units(0);
        Where at = where_of<Pass>(in, place.b0 + sequence, place.n, of_blocks.steps, unit);
        if constexpr (Pass::packed) {
            at = in_rows(in, at);
        }
        return reinterpret_cast<float2*>(Pass::own_place(in, at));
    }
};

// A phase of step t of one share; after the last step what a pass closes with.
template <RecurrentConfig C, class Pass, class Share>
__device__ void step_normalised_share(const typename Pass::Tensors& in, SharePlace place, int t, int phase) {
    using Head = HeadInTurn<C, Pass, Share>;
    const Share share(in, place.rank, place.n, place.b0);
    const int row = t < in.T ? rows_before<Pass>(in, t) : 0;
    const bool in_step = sums_lie_in_step<Pass>(in, t);
    const SumsOfBlocks<C, Pass> sums{in, place.n, place.b0, in_step ? row : row + rows_to_next<Pass>(in)};
    Head head{{in, share, reduction_behind_sums<C, Pass, Share>(place.rank), sums}, place, phase, in_step};
    if (phase == Head::kBring) {
        head.bring();
        return;
    }
    ShareItems<Share, Pass> items;
    items.read_in_turn(in, share, t);
    if (t == in.T) {
        items.write_last(in, share);
        return;
    }
    share.template multiply<0>(in, t);
    const int step = step_at<Pass>(in, t);
    begin_items<Pass>(items, in, share, step);
    if (!Pass::normalise_all(head, items.held, items.between, items.fixed, items.input, row, step)) {
        return;
    }
#pragma unroll
    for (int i = 0; i < Share::kItems; ++i) {
        const Where at = share.where(in, i, row);
        typename Pass::Output out;
        Pass::finish(items.held[i], out, items.between[i], items.fixed[i], items.input[i], step);
        Pass::store(out, items.held[i], in, at);
        Pass::write_held(items.held[i], in, at);
    }
}

template <RecurrentConfig C, class Pass, class Share>
__device__ void normalised_in_turn(const typename Pass::Tensors& in) {
    using Head = HeadInTurn<C, Pass, Share>;
    constexpr int phases = Head::kWrite + 1;
    const int end = phases * in.T + (Pass::closes ? 1 : 0);
#pragma unroll 1
    for (int i = 0; i < end; ++i) {
        const int t = i / phases, phase = i % phases;
        if (phase == Head::kBring && !sums_lie_in_step<Pass>(in, t)) {
            continue;
        }
        take_shares<C>(in, [&](SharePlace place) {
            step_normalised_share<C, Pass, Share>(in, place, t, phase);
            __syncthreads();  // all are through with the sums of this share
        });
        if (i + 1 < end) {
            synchronise_grid();
        }
    }
}
