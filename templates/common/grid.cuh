// Blocks of a whole grid that hand each other values through L2 (PTX ISA: memory consistency model). All the loads and
// stores are relaxed and of device scope: each is one read or write of 32 bits in L2, and orders nothing around it.
#pragma once

#include "common/types.cuh"

__device__ inline void store_relaxed(void* global, unsigned word) {
    asm volatile("st.relaxed.gpu.global.u32 [%0], %1;" : : "l"(__cvta_generic_to_global(global)), "r"(word) : "memory");
}

__device__ inline unsigned load_relaxed(const void* global) {
    unsigned word;
    asm volatile("ld.relaxed.gpu.global.u32 %0, [%1];" : "=r"(word) : "l"(__cvta_generic_to_global(global)) : "memory");
    return word;
}

// Four words that follow each other; 16 bytes aligned. Each is read for itself: some may be older than others.
__device__ inline uint4 load_relaxed_16(const void* global) {
    uint4 words;
    asm volatile("ld.relaxed.gpu.global.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w)
                 : "l"(__cvta_generic_to_global(global))
                 : "memory");
    return words;
}

// Two words that follow each other; 8 bytes aligned.
__device__ inline uint2 load_relaxed_8(const void* global) {
    uint2 words;
    asm volatile("ld.relaxed.gpu.global.v2.u32 {%0, %1}, [%2];"
                 : "=r"(words.x), "=r"(words.y)
                 : "l"(__cvta_generic_to_global(global))
                 : "memory");
    return words;
}

// Every thread of a cooperative grid waits for all others; what they wrote before is seen after. The driver gives each
// cooperative launch a workspace of its own, whose second word is the barrier of cooperative_groups (driver_abi.h of
// the toolkit), so that launches side by side do not meet. Its upper bit turns over when all blocks have come, whatever
// it was before, and the other bits are back at what they were.
__device__ inline void synchronise_grid() {
    __syncthreads();
    if (threadIdx.x == 0) {
        unsigned high, low, before, now;
        asm("mov.u32 %0, %%envreg1;" : "=r"(high));
        asm("mov.u32 %0, %%envreg2;" : "=r"(low));
        const unsigned long long barrier = (static_cast<unsigned long long>(high) << 32 | low) + 4;
        const bool first = blockIdx.x + blockIdx.y + blockIdx.z == 0;
        const unsigned others = gridDim.x * gridDim.y * gridDim.z - 1;
        asm volatile("atom.add.release.gpu.u32 %0, [%1], %2;"
                     : "=r"(before)
                     : "l"(barrier), "r"(first ? 0x80000000U - others : 1U)
                     : "memory");
        do {
            asm volatile("ld.acquire.gpu.u32 %0, [%1];" : "=r"(now) : "l"(barrier) : "memory");
        } while (((before ^ now) & 0x80000000U) == 0);
    }
    __syncthreads();
}
