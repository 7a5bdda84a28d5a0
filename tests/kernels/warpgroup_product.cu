// D = A B of 64 x 16 by 16 x 8 on the tensor cores of a warpgroup; A and B in shared memory, 8 x 8 blocks without
// swizzle.
#include <cuda_bf16.h>
__device__ unsigned long long descriptor(const void* tile, unsigned leading, unsigned stride) {
    const unsigned long long at = __cvta_generic_to_shared(tile);
    return (at & 0x3FFFF) >> 4 | (unsigned long long)(leading >> 4) << 16 | (unsigned long long)(stride >> 4) << 32;
}
template <bool broken>
__global__ void warpgroup_product(const __nv_bfloat16* a, const __nv_bfloat16* b, float* d) {
    __shared__ alignas(128) __nv_bfloat16 sa[64 * 16], sb[8 * 16];
    const auto place = [](int row, int k) { return row / 8 * 128 + k / 8 * 64 + row % 8 * 8 + k % 8; };
    for (int i = threadIdx.x; i < 64 * 16; i += 128) sa[place(i / 16, i % 16)] = a[i];
    if (threadIdx.x < (broken ? 96 : 128)) sb[place(threadIdx.x / 16, threadIdx.x % 16)] = b[threadIdx.x];
    __syncthreads();
    asm volatile("fence.proxy.async; wgmma.fence.sync.aligned;" ::: "memory");
    float sum[4];
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%0, %1, %2, %3}, %4, %5, 0, 1, 1, 0, 0;\n"
        "wgmma.commit_group.sync.aligned; wgmma.wait_group.sync.aligned 0;"
        : "=f"(sum[0]), "=f"(sum[1]), "=f"(sum[2]), "=f"(sum[3])
        : "l"(descriptor(sa, 128, 256)), "l"(descriptor(sb, 128, 256))
        : "memory");
    const int row = threadIdx.x / 32 * 16 + threadIdx.x % 32 / 4, column = threadIdx.x % 4 * 2;
    for (int i = 0; i < 4; ++i) d[(row + i / 2 * 8) * 8 + column + i % 2] = sum[i];
}
