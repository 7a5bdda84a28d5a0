// The knobs of the attention tile.
#pragma once

struct AttentionConfig {
    int warps;            // per block, each with queries of its own
    int rows;             // queries per warp: tiles of 16 on tensor cores, else single
    int keys;             // keys and values per tile
    int stages;           // tiles of keys and values in shared memory
    int query_registers;  // 1: queries stay in registers; 0: they are read from shared memory again for every tile
};
