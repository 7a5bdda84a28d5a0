// Brings memory nearer before it is used (PTX ISA: prefetch).
#pragma once

// Bytes that L2 fetches from device memory at once.
inline constexpr int kLineBytes = 128;

// The line that holds this address of global memory into L2; nothing waits for it.
__device__ inline void prefetch_l2(const void* global) {
    asm volatile("prefetch.global.L2 [%0];" : : "l"(__cvta_generic_to_global(global)));
}
