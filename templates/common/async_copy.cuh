// Copies from global to shared memory that run beside arithmetic (PTX ISA: cp.async).
#pragma once

#include "common/mma.cuh"

// 16 bytes, both addresses 16 bytes aligned; where `inside` is false nothing is read and zeros are written.
__device__ inline void copy_async_16(void* shared, const void* global, bool inside) {
    int source_bytes = inside ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
                 :
                 : "r"(shared_address(shared)), "l"(__cvta_generic_to_global(global)), "r"(source_bytes)
                 : "memory");
}

// Closes the group of the copies that this thread has issued since the last one.
__device__ inline void commit_copies() {
    asm volatile("cp.async.commit_group;" ::: "memory");
}

// Waits until at most `Pending` groups of this thread are unfinished.
template <int Pending>
__device__ void wait_copies() {
    asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}
