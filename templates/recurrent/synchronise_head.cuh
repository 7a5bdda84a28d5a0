// The barrier of the blocks that share a head: of one block, a cluster or a grid.
#pragma once

#include "common/cluster.cuh"
#include "common/grid.cuh"
#include "recurrent/config.cuh"

// The blocks that share a head, or more of them, wait for each other; what they wrote before is seen after.
template <RecurrentConfig C>
__device__ void synchronise_head() {
    if constexpr (C.blocks == 1) {
        __syncthreads();
    } else if constexpr (through_l2(C)) {
        synchronise_grid();
    } else {
        synchronise_cluster();
    }
}
