// The knobs of the recurrent kernels in which one block keeps a whole head.
#pragma once

struct RecurrentConfig {
    int warps;       // per block
    int batch;       // sequences per block
    int register_k;  // columns of the recurrent weights kept in registers; in tiles of 16 on tensor cores, else single
    int prefetch;    // steps by which x is loaded into registers ahead
    int chains;      // sums that the product is spread over; on tensor cores only, else 1
};
