// The knobs of the recurrent kernels: one block keeps a whole head, or the blocks of a cluster share it.
#pragma once

// What a recurrence is to do besides; 0 for the usual.
struct RecurrentMode {
    int reverse;             // 1: from the last step to the first
    int lengths;             // 1: a sequence has a length of its own; from there on its states stay as they are
    int recurrent_gradient;  // of the backward pass, what comes through R: -1 nothing, above 0 at most that much
};

struct RecurrentConfig {
    int warps;       // per block
    int batch;       // sequences per block; 1 where units do not see each other and share no block
    int blocks;      // of a cluster, that share a head; 1 is a block that waits for no other
    int k_split;     // warps that share the columns of the recurrent weights; 1 where blocks is 1
    int bulk;        // whether blocks hand h on by bulk copies, else by stores; 0 where blocks is 1
    int register_k;  // columns of the recurrent weights that a warp keeps in registers: in tiles of 16 on tensor cores,
                     // of 32 where blocks share a head, single ones in f32 arithmetic
    int prefetch;    // steps by which inputs are loaded into registers ahead
    int chains;      // sums that the product is spread over; on tensor cores only, else 1
};
