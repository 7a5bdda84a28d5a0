// The knobs of the weight gradients: a matrix product whose operands both lie with their sums' dimension outermost.
#pragma once

struct RecurrentWeightsConfig {
    int wgmma;    // 1: products by warpgroups, four warps along the rows; 0: by warps, or in f32 arithmetic by lanes
    int tile_m;   // rows of dR, which are gates and units, per block
    int tile_n;   // columns of dR per block
    int tile_k;   // products of each sum, which are steps and sequences, per stage
    int warps_m;  // along the rows of a block's tile
    int warps_n;  // along its columns
    int stages;   // tiles of dr and h in shared memory
    int k_split;  // blocks of a cluster that share the products of a tile
};
