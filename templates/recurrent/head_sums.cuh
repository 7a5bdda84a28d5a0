// Sums over all units of a head, of which blocks have shares: of every sequence of a block two numbers. They are added
// up in the same order in every launch.
//
// Blocks of a cluster read those of the others from their shared memory. Blocks of a grid leave them where the values
// of the next step will be, in the tensor through which they hand those on: nobody reads there yet, and before anyone
// writes there all have read.
#pragma once

#include "recurrent/synchronise_head.cuh"

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

// Where blocks of a grid leave their sums of a step: two rounds of them.
struct SumsOfBlocks {
    char* first;              // of the first sequence of a block
    long long next_sequence;  // bytes
    int sequences;            // from there to the end of the batch

    template <RecurrentConfig C>
    __device__ char* at(int round, int sequence, int rank) const {
        return first + sequence * next_sequence + (round % 2 * C.blocks + rank) * 8;
    }
};

// What a block needs for that in shared memory: a slot for each of its partial sums of a sequence, which may lie
// where sums of a product were, and, behind, two copies of a block's sums, which others read until the next round,
// and those of the head.
template <RecurrentConfig C, class Share>
class HeadReduction {
  public:
    __device__ HeadReduction(float* slots, float* sums, int rank)
        : slots_(reinterpret_cast<HeadSums*>(slots)), sums_(reinterpret_cast<float2*>(sums)), rank_(rank) {}

    // Before reduce, whose slots are free again after it.
    __device__ void put(int sequence, int slot, HeadSums sums) const {
        if (slot < Share::kSlots) {
            slots_[sequence * Share::kSlots + slot] = sums;
        }
    }

    // When all threads of all blocks have put what they have, of so many values per unit.
    template <class Combine>
    __device__ void reduce(int round, int values, Combine combine, const SumsOfBlocks& of_blocks) const {
        __syncthreads();
#pragma unroll 1
        for (int sequence = warp(); sequence < C.batch; sequence += C.warps) {
            HeadSums sums{};
#pragma unroll 1
            for (int slot = lane(); slot < Share::kSlots; slot += 32) {
                sums = combine(sums, slots_[sequence * Share::kSlots + slot]);
            }
            sums = of_warp(sums, combine);
            if constexpr (!through_l2(C)) {
                store(own(round) + sequence, sums);
            } else if (sequence < of_blocks.sequences) {
                store(of_blocks.at<C>(round, sequence, rank_), sums);
            }
        }
        if constexpr (C.blocks > 1) {
            synchronise_head<C>();
#pragma unroll 1
            for (int sequence = warp(); sequence < C.batch; sequence += C.warps) {
                HeadSums sums{};
#pragma unroll 1
                for (int rank = lane(); rank < C.blocks; rank += 32) {
                    sums = combine(sums, of_block(round, sequence, rank, values, of_blocks));
                }
                store(sums_ + 2 * C.batch + sequence, of_warp(sums, combine));
            }
        }
        __syncthreads();
    }

    // Of all `values` of a head.
    __device__ HeadSums of(int round, int sequence, int values) const {
        const float2 sums = C.blocks > 1 ? sums_[2 * C.batch + sequence] : own(round)[sequence];
        return {static_cast<float>(values), sums.x, sums.y};
    }

  private:
    __device__ static int lane() {
        return static_cast<int>(threadIdx.x) % 32;
    }
    __device__ static int warp() {
        return static_cast<int>(threadIdx.x) / 32;
    }
    __device__ float2* own(int round) const {
        return sums_ + round % 2 * C.batch;
    }

    __device__ static void store(void* to, HeadSums sums) {
        if (lane() == 0) {
            *static_cast<float2*>(to) = make_float2(sums.first, sums.second);
        }
    }

    __device__ HeadSums of_block(int round, int sequence, int rank, int values, const SumsOfBlocks& of_blocks) const {
        const float count = static_cast<float>(Share::units(rank) * values);
        if constexpr (through_l2(C)) {
            if (sequence >= of_blocks.sequences) {
                return {};
            }
            const uint2 words = load_relaxed_8(of_blocks.at<C>(round, sequence, rank));
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
