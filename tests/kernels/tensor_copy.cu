// One thread asks for a tile of a matrix with a 128-byte swizzle; every thread writes its part out again.
struct alignas(64) TensorMap {
    char bytes[128];
};

template <bool broken>
__global__ void tensor_copy(const __grid_constant__ TensorMap map, float* y, int column, int row) {
    constexpr int kRows = 8, kColumns = 32;
    __shared__ alignas(1024) float tile[kRows * kColumns];
    __shared__ unsigned long long barrier;
    const unsigned at = (unsigned)__cvta_generic_to_shared(&barrier), to = (unsigned)__cvta_generic_to_shared(tile);
    if (threadIdx.x == 0) {
        asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
        asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(at) : "memory");
        asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
        const int bytes = broken ? 512 : kRows * kColumns * 4;  // half of what comes
        asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at), "r"(bytes) : "memory");
        asm volatile(
            "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], "
            "[%4];" ::"r"(to),
            "l"(&map), "r"(column), "r"(row), "r"(at)
            : "memory");
    }
    __syncthreads();
    for (unsigned done = 0; done == 0;) {
        asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], 0; selp.u32 %0, 1, 0, p; }"
                     : "=r"(done)
                     : "r"(at)
                     : "memory");
    }
    for (int i = threadIdx.x; i < kRows * kColumns; i += blockDim.x) {
        const int r = i / kColumns, chunk = i % kColumns / 4;
        y[i] = tile[r * kColumns + (chunk ^ r) * 4 + i % 4];
    }
}
