// The knobs of the recurrent kernels: one block keeps a whole head, or blocks share it: those of a cluster, or, where
// they are more than a cluster has, those of a cooperative grid.
#pragma once

// What a recurrence is to do besides; 0 for the usual.
struct RecurrentMode {
    int reverse;             // 1: from the last step to the first
    int lengths;             // 1: a sequence has a length of its own; from there on its states stay as they are; 2: the
                             // same, and of tensors of all steps sequences have only those, one after another
    int recurrent_gradient;  // of the backward pass, what comes through R: -1 nothing, above 0 at most that much
    int batch_first;         // 1: tensors of all steps are [B,T,N,...], else [T,B,N,...]
    int resets;              // 1: at some steps a sequence begins anew, from states that are zero
    int tf32_terms;  // of f32: how many products on tensor cores make one: 1 of factors rounded to TF32, 3 of their
                     // TF32 parts; 0: f32 arithmetic does
};

// What a forward pass keeps for the backward one: nothing, the states of all steps, or p, too.
enum class Keep { nothing, states, all };

// More blocks than this hand h on through L2.
inline constexpr int kMostClusterBlocks = 16;

struct RecurrentConfig {
    int warps;       // per block
    int batch;       // sequences per block; 1 where units do not see each other and share no block
    int blocks;      // that share a head; 1 is a block that waits for no other
    int k_split;     // warps that share the columns of the recurrent weights; 1 where blocks is 1, all through L2
    int bulk;        // whether blocks of a cluster hand h on by bulk copies, else by stores; else 0
    int register_k;  // columns of the recurrent weights that a warp keeps in registers: on tensor cores in tiles of 32
                     // bytes of a row, of 64 where blocks share a head; single ones in f32 arithmetic
    int prefetch;    // steps by which inputs are loaded into registers ahead
    int chains;      // sums that the product is spread over; on tensor cores only, else 1
    int streamed_k;  // columns of the recurrent weights, counted the same, that come from L2 in every step as h does;
                     // else 0
    int in_turn;     // whether the blocks of a grid take shares of heads in turn, and all wait after each step; else 0
};

// Where 16-bit shares are taken in turn: registers of a thread for what is on its way from L2.
inline constexpr int kWordsUnderWay = 80;

// Columns of what the product takes in that are in shared memory at once, where f32 shares are taken in turn.
inline constexpr int kShareColumns = 256;

// Bytes of shared memory that a block of a grid may have with two copies of its sums; where that is not enough, there
// is one. Every GPU has so much.
inline constexpr int kRoomForTwoSums = 96 * 1024;

__host__ __device__ constexpr bool through_l2(const RecurrentConfig& config) {
    return config.blocks > kMostClusterBlocks || config.in_turn != 0;
}
