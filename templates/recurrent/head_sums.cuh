// Sums over all units of a head, of which blocks have shares: of every sequence of a block two numbers. They are added
// up in the same order in every launch.
//
// Blocks of a cluster read those of the others from their shared memory. Blocks of a grid leave them in the tensor
// through which they hand on a step's values, where those of the next step will be: nobody reads there yet, and before
// anyone writes there all have read. Where there is no next step, or packed sequences have none, they lie where the
// values of this one will be, and before these are written all wait until all have read.
#pragma once

#include "recurrent/synchronise_head.cuh"
#include "recurrent/units.cuh"

// Added to a variance, as cell.hpp has it.
inline constexpr float kVarianceOffset = 1e-5f;

// Two sums; or mean and sum of squared differences from it, of `count` values.
struct HeadSums {
    float count, first, second;
};

__device__ inline float mean(HeadSums moments) {
    return moments.first;
}
__device__ inline float inverse_deviation(HeadSums moments) {
    return 1.0f / sqrtf(moments.second / moments.count + kVarianceOffset);
}

template <int Rows, int W, int Room>
__device__ HeadSums moments_of(const float (&values)[Room][W]) {
    HeadSums moments{Rows * W, 0.0f, 0.0f};
#pragma unroll
    for (int i = 0; i < Rows * W; ++i) {
        moments.first += values[i / W][i % W];
    }
    moments.first *= 1.0f / (Rows * W);
#pragma unroll
    for (int i = 0; i < Rows * W; ++i) {
        const float difference = values[i / W][i % W] - moments.first;
        moments.second += difference * difference;
    }
    return moments;
}

struct AddSums {
    __device__ HeadSums operator()(HeadSums a, HeadSums b) const {
        return {a.count + b.count, a.first + b.first, a.second + b.second};
    }
};

// Of both together (Chan, Golub and LeVeque 1983, equation 1.5).
struct CombineMoments {
    __device__ HeadSums operator()(HeadSums a, HeadSums b) const {
        const float count = a.count + b.count, share = count > 0.0f ? b.count / count : 0.0f;
        const float difference = b.first - a.first;
        return {count, a.first + difference * share, a.second + b.second + difference * difference * a.count * share};
    }
};

// Those of all lanes of a warp, in every lane.
template <class Combine>
__device__ HeadSums of_warp(HeadSums sums, Combine combine) {
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
        const HeadSums other{__shfl_xor_sync(0xffffffffU, sums.count, distance),
                             __shfl_xor_sync(0xffffffffU, sums.first, distance),
                             __shfl_xor_sync(0xffffffffU, sums.second, distance)};
        // Of both the lower lane comes first, so that all lanes round alike.
        sums = (threadIdx.x & distance) == 0 ? combine(sums, other) : combine(other, sums);
    }
    return sums;
}

// Where blocks of a grid leave their sums of a step of one head, two rounds of them: in the rows that `steps` rows
// precede.
template <RecurrentConfig C, class Pass>
struct SumsOfBlocks {
    const typename Pass::Tensors& in;
    int n, b0, steps;

    // Of one of the sequences from b0 on; null where there is no such sequence, or it has no such step.
    __device__ char* of_sequence(int sequence) const {
        constexpr int row = Pass::columns * Pass::kUnitsOfHead;
        static_assert(2 * 8 * C.blocks <= row * static_cast<int>(sizeof(typename Pass::Type)), "as the space promises");
        Where at = where_of<Pass>(in, b0 + sequence, n, steps, 0);
        if constexpr (Pass::packed) {
            at = in_rows(in, at);
        }
        return at.inside ? reinterpret_cast<char*>(row_of<row>(Pass::exchanged(in), at.row)) : nullptr;
    }
    __device__ static int place(int round, int rank) { return (round % 2 * C.blocks + rank) * 8; }
};

// What a block needs for that in shared memory: a slot for each of its partial sums of a sequence, which may lie
// where sums of a product were, and, behind, two copies of a block's sums, which others read until the next round,
// and those of the head.
template <RecurrentConfig C, class Pass, class Share>
class HeadReduction {
    using OfBlocks = SumsOfBlocks<C, Pass>;
    using Combine = typename Pass::CombineSums;

  public:
    __device__ HeadReduction(float* slots, float* sums, int rank)
        : slots_(reinterpret_cast<HeadSums*>(slots)), sums_(reinterpret_cast<float2*>(sums)), rank_(rank) {}

    // Before leave, whose slots are free again after the next barrier.
    __device__ void put(int sequence, int slot, HeadSums sums) const {
        if (slot < Share::kSlots) {
            slots_[sequence * Share::kSlots + slot] = sums;
        }
    }

    // What all threads of the block have put, where others read it.
    __device__ void leave(int round, const OfBlocks& of_blocks) const {
        __syncthreads();
        for_sequences([&](int sequence) {
            HeadSums sums{};
#pragma unroll 1
            for (int slot = lane(); slot < Share::kSlots; slot += 32) {
                sums = Combine{}(sums, slots_[sequence * Share::kSlots + slot]);
            }
            sums = of_warp(sums, Combine{});
            if constexpr (!through_l2(C)) {
                store(own(round) + sequence, sums);
            } else if (char* const row = of_blocks.of_sequence(sequence)) {
                store(row + OfBlocks::place(round, rank_), sums);
            }
        });
    }

    // What all blocks have left, of so many values per unit; in every lane of a warp.
    __device__ HeadSums of_all_blocks(int round, int sequence, int values, const OfBlocks& of_blocks) const {
        HeadSums sums{};
        const char* const row = through_l2(C) ? of_blocks.of_sequence(sequence) : nullptr;
#pragma unroll 1
        for (int rank = lane(); rank < C.blocks && (!through_l2(C) || row != nullptr); rank += 32) {
            sums = Combine{}(sums, of_block(round, sequence, rank, values, row));
        }
        return of_warp(sums, Combine{});
    }

    // When all threads of all blocks have put what they have, of so many values per unit.
    __device__ void reduce(int round, int values, const OfBlocks& of_blocks) const {
        leave(round, of_blocks);
        if constexpr (C.blocks > 1) {
            synchronise_head<C>();
            for_sequences(
                [&](int sequence) { store(of_head() + sequence, of_all_blocks(round, sequence, values, of_blocks)); });
        }
        __syncthreads();
    }

    // Of all `values` of a head.
    __device__ HeadSums of(int round, int sequence, int values) const {
        const float2 sums = C.blocks > 1 || through_l2(C) ? of_head()[sequence] : own(round)[sequence];
        return {static_cast<float>(values), sums.x, sums.y};
    }

    // A warp takes some of the block's sequences.
    template <class Visit>
    __device__ static void for_sequences(Visit visit) {
#pragma unroll 1
        for (int sequence = static_cast<int>(threadIdx.x) / 32; sequence < C.batch; sequence += C.warps) {
            visit(sequence);
        }
    }

    // By one lane of a warp.
    __device__ static void store(void* to, HeadSums sums) {
        if (lane() == 0) {
            *static_cast<float2*>(to) = make_float2(sums.first, sums.second);
        }
    }

    __device__ float2* of_head() const {
        return sums_ + 2 * C.batch;
    }

  private:
    __device__ static int lane() {
        return static_cast<int>(threadIdx.x) % 32;
    }
    __device__ float2* own(int round) const {
        return sums_ + round % 2 * C.batch;
    }

    __device__ HeadSums of_block(int round, int sequence, int rank, int values, const char* row) const {
        const float count = static_cast<float>(Share::units(rank) * values);
        if constexpr (through_l2(C)) {
            const uint2 words = load_relaxed_8(row + OfBlocks::place(round, rank));
            return {count, __uint_as_float(words.x), __uint_as_float(words.y)};
        } else {
            const float2 part = load_from_block_8(address_in_block(shared_address(own(round) + sequence), rank));
            return {count, part.x, part.y};
        }
    }

    HeadSums* slots_;
    float2* sums_;
    int rank_;
};
