// Blocks of a cluster that hand each other values through shared memory (PTX ISA: mapa, st.async, mbarrier).
#pragma once

#include "common/mma.cuh"

// The address, in the block of that rank, of what lies at this address of shared memory here. What lies beside it there
// has addresses beside it.
__device__ inline unsigned address_in_block(unsigned shared, int rank) {
    unsigned remote;
    asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(shared), "r"(rank));
    return remote;
}

// Every thread of the cluster waits for all others; what they wrote before is seen after.
__device__ inline void synchronise_cluster() {
    asm volatile("barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;" ::: "memory");
}

// 16 bytes of a block of the cluster, written there before a cluster barrier; an address in that block, 16 bytes
// aligned.
__device__ inline float4 load_from_block(unsigned remote) {
    float4 four;
    asm volatile("ld.shared::cluster.v4.f32 {%0, %1, %2, %3}, [%4];"
                 : "=f"(four.x), "=f"(four.y), "=f"(four.z), "=f"(four.w)
                 : "r"(remote)
                 : "memory");
    return four;
}

// The same of 8 bytes.
__device__ inline float2 load_from_block_8(unsigned remote) {
    float2 two;
    asm volatile("ld.shared::cluster.v2.f32 {%0, %1}, [%2];" : "=f"(two.x), "=f"(two.y) : "r"(remote) : "memory");
    return two;
}

// A barrier in shared memory at which one thread of this block arrives in each phase and bytes are awaited. One thread
// sets it up; other blocks may send to it after a cluster barrier.
__device__ inline void set_up_byte_barrier(unsigned barrier) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;\nfence.mbarrier_init.release.cluster;" ::"r"(barrier)
                 : "memory");
}

// This phase is over when so many bytes have come.
__device__ inline void await_bytes(unsigned barrier, int bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

// Waits for the end of the phase of that parity; what other blocks sent to it is seen after.
__device__ inline void wait_for_bytes(unsigned barrier, int parity) {
    unsigned over;
    do {
        asm volatile(
            "{ .reg .pred p; mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, "
            "p; "
            "}"
            : "=r"(over)
            : "r"(barrier), "r"(parity)
            : "memory");
    } while (over == 0);
}

// 16 bytes to a block of the cluster, told to its barrier when they are there. Both are addresses in that block, the
// first of them 16 bytes aligned.
__device__ inline void send_16(unsigned remote, uint4 word, unsigned remote_barrier) {
    asm volatile(
        "st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.b32 [%0], {%1, %2, %3, %4}, [%5];" ::"r"(remote),
        "r"(word.x), "r"(word.y), "r"(word.z), "r"(word.w), "r"(remote_barrier)
        : "memory");
}

// What this thread wrote to shared memory is seen by bulk copies and products of warpgroups that are started after it.
__device__ inline void fence_for_bulk_copies() {
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// So many bytes, a multiple of 16, from shared memory here to a block of the cluster, told to its barrier when they are
// there. All addresses are 16 bytes aligned; `remote` and `remote_barrier` are those in that block.
__device__ inline void copy_to_block(unsigned remote, unsigned shared, int bytes, unsigned remote_barrier) {
    asm volatile(
        "cp.async.bulk.shared::cluster.shared::cta.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(remote),
        "r"(shared), "r"(bytes), "r"(remote_barrier)
        : "memory");
}
