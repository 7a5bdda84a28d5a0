// D = A B of 64 x K by K x 16 on the tensor cores of a warpgroup: tiles of 32 along K come through three stages of
// shared memory, and one group of wgmma is under way while the next tile is loaded.
#include <cuda_bf16.h>
__device__ unsigned long long descriptor(const void* tile) {
    const unsigned long long at = __cvta_generic_to_shared(tile);
    return (at & 0x3FFFF) >> 4 | (unsigned long long)(128 >> 4) << 16 | (unsigned long long)(512 >> 4) << 32;
}
__device__ void multiply(float (&d)[8], unsigned long long a, unsigned long long b, int adds) {
    asm volatile(
        "{\n.reg .pred p;\nsetp.ne.b32 p, %10, 0;\nwgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 "
        "{%0, %1, %2, %3, %4, %5, %6, %7}, %8, %9, p, 1, 1, 0, 0;\n}"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7])
        : "l"(a), "l"(b), "r"(adds));
}
__device__ void keep_order(float (&d)[8]) {
    for (int i = 0; i < 8; ++i) asm volatile("" : "+f"(d[i])::"memory");
}
template <bool broken>
__global__ void warpgroup_pipeline(const __nv_bfloat16* a, const __nv_bfloat16* b, float* d, int tiles) {
    constexpr int kStages = 3, kTile = 32;
    __shared__ alignas(128) __nv_bfloat16 sa[kStages][64 * kTile], sb[kStages][16 * kTile];
    const auto load_rows = [&](__nv_bfloat16* to, const __nv_bfloat16* from, int rows, int tile) {
        for (int i = threadIdx.x; i < rows * kTile; i += blockDim.x) {
            const int row = i / kTile, k = i % kTile;
            to[row / 8 * 256 + k / 8 * 64 + row % 8 * 8 + k % 8] = from[(row * tiles + tile) * kTile + k];
        }
    };
    const auto load = [&](int tile) {
        load_rows(sa[tile % kStages], a, 64, tile);
        load_rows(sb[tile % kStages], b, 16, tile);
        asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    };
    float sum[8];
    for (int tile = 0; tile < kStages - 1 && tile < tiles; ++tile) load(tile);
    __syncthreads();
    for (int tile = 0; tile < tiles; ++tile) {
        keep_order(sum);
        asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
        for (int k = 0; k < kTile; k += 16) {
            const int stage = tile % kStages;
            multiply(sum, descriptor(sa[stage] + k * 8), descriptor(sb[stage] + k * 8), tile + k);
        }
        asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
        // The group before is over, and its stage is free; with two under way it is not.
        asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(broken ? 2 : 1) : "memory");
        keep_order(sum);
        __syncthreads();
        if (tile + kStages - 1 < tiles) load(tile + kStages - 1);
        __syncthreads();
    }
    asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
    keep_order(sum);
    const int row = threadIdx.x / 32 * 16 + threadIdx.x % 32 / 4, column = threadIdx.x % 4 * 2;
    for (int i = 0; i < 8; ++i) d[(row + i % 4 / 2 * 8) * 16 + i / 4 * 8 + column + i % 2] = sum[i];
}
