// Tiles of a vector come in through two buffers while the one before is doubled and goes out.
struct alignas(64) TensorMap {
    char bytes[128];
};

__device__ void wait_for(unsigned barrier, int phase) {
    for (unsigned done = 0; done == 0;) {
        asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }"
                     : "=r"(done)
                     : "r"(barrier), "r"(phase)
                     : "memory");
    }
}

template <bool broken>
__global__ void tensor_pipeline(const __grid_constant__ TensorMap in, const __grid_constant__ TensorMap out,
                                int tiles) {
    constexpr int kTile = 64, kStages = 2;
    __shared__ alignas(128) int loaded[kStages][kTile], doubled[kTile];
    __shared__ unsigned long long barriers[kStages];
    const auto barrier = [&](int stage) { return (unsigned)__cvta_generic_to_shared(&barriers[stage]); };
    const auto load = [&](int tile) {
        const unsigned at = barrier(tile % kStages), to = (unsigned)__cvta_generic_to_shared(loaded[tile % kStages]);
        asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at), "r"(kTile * 4) : "memory");
        asm volatile(
            "cp.async.bulk.tensor.1d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2}], [%3];" ::"r"(
                to),
            "l"(&in), "r"(tile * kTile), "r"(at)
            : "memory");
    };
    if (threadIdx.x == 0) {
        for (int stage = 0; stage < kStages; ++stage) {
            asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(barrier(stage)) : "memory");
        }
        asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
        for (int tile = 0; tile < kStages && tile < tiles; ++tile) load(tile);
    }
    __syncthreads();
    for (int tile = 0; tile < tiles; ++tile) {
        wait_for(barrier(tile % kStages), tile / kStages % 2);
        if (!broken && threadIdx.x == 0) asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory");
        __syncthreads();  // without the wait, what goes out may not have been read yet
        for (int i = threadIdx.x; i < kTile; i += blockDim.x) doubled[i] = 2 * loaded[tile % kStages][i];
        asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
        __syncthreads();
        if (threadIdx.x == 0) {
            asm volatile("cp.async.bulk.tensor.1d.global.shared::cta.bulk_group [%0, {%1}], [%2];" ::"l"(&out),
                         "r"(tile * kTile), "r"((unsigned)__cvta_generic_to_shared(doubled))
                         : "memory");
            asm volatile("cp.async.bulk.commit_group;" ::: "memory");
            if (tile + kStages < tiles) load(tile + kStages);
        }
    }
    if (threadIdx.x == 0) asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
}
