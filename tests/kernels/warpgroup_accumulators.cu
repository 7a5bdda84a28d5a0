// Two products of 64 x 16 by 16 x 8 under way at once, one with A in shared memory, one with A in registers; each is
// rescaled when its own group is over, round after round.
#include <cuda_bf16.h>
__device__ unsigned long long descriptor(const void* tile) {
    const unsigned long long at = __cvta_generic_to_shared(tile);
    return (at & 0x3FFFF) >> 4 | (unsigned long long)(128 >> 4) << 16 | (unsigned long long)(256 >> 4) << 32;
}
__device__ void keep_order(float (&d)[4]) {
    for (int i = 0; i < 4; ++i) asm volatile("" : "+f"(d[i])::"memory");
}
template <bool broken>
__global__ void warpgroup_accumulators(const __nv_bfloat16* a, const __nv_bfloat16* b, float* d, int rounds) {
    __shared__ alignas(128) __nv_bfloat16 sa[64 * 16], sb[8 * 16];
    const auto place = [](int row, int k) { return row / 8 * 128 + k / 8 * 64 + row % 8 * 8 + k % 8; };
    for (int i = threadIdx.x; i < 64 * 16; i += 128) sa[place(i / 16, i % 16)] = a[i];
    sb[place(threadIdx.x / 16, threadIdx.x % 16)] = b[threadIdx.x];
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    __syncthreads();
    const int row = threadIdx.x / 32 * 16 + threadIdx.x % 32 / 4, column = threadIdx.x % 4 * 2;
    float x[4] = {}, y[4] = {};
    for (int round = 0; round < rounds; ++round) {
        unsigned rows[4];
        for (int i = 0; i < 4; ++i) rows[i] = *(const unsigned*)(sa + place(row + i % 2 * 8, i / 2 * 8 + column));
        keep_order(x);
        keep_order(y);
        asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
        asm volatile(
            "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%0, %1, %2, %3}, %4, %5, 1, 1, 1, 0, 0;\n"
            "wgmma.commit_group.sync.aligned;"
            : "+f"(x[0]), "+f"(x[1]), "+f"(x[2]), "+f"(x[3])
            : "l"(descriptor(sa)), "l"(descriptor(sb)));
        asm volatile(
            "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%0, %1, %2, %3}, {%4, %5, %6, %7}, %8, 1, 1, 1, 0;\n"
            "wgmma.commit_group.sync.aligned;"
            : "+f"(y[0]), "+f"(y[1]), "+f"(y[2]), "+f"(y[3])
            : "r"(rows[0]), "r"(rows[1]), "r"(rows[2]), "r"(rows[3]), "l"(descriptor(sb)));
        if (!broken) asm volatile("wgmma.wait_group.sync.aligned 1;" ::: "memory");  // without it, x is not there yet
        keep_order(x);
        for (int i = 0; i < 4; ++i) x[i] *= 0.5f;
        asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
        keep_order(y);
        for (int i = 0; i < 4; ++i) y[i] *= 0.5f;
    }
    for (int i = 0; i < 4; ++i) d[(row + i / 2 * 8) * 8 + column + i % 2] = x[i] + y[i];
}
