// What blocks of a cluster or a grid take to wait for each other and to hand words on: kernels for latency.cu.
#pragma once

#include <cooperative_groups.h>
#include <cuda_runtime.h>

#include <cstdint>

namespace {

constexpr int kSteps = 256;

__device__ unsigned shared_address(const void* pointer) {
    return static_cast<unsigned>(__cvta_generic_to_shared(pointer));
}

__global__ void chain_cluster_barrier(long long* clocks, float*) {
    asm volatile("barrier.cluster.arrive.release;\nbarrier.cluster.wait.acquire;" ::: "memory");
    long long start = clock64();
    for (int i = 0; i < kSteps; ++i) {
        asm volatile("barrier.cluster.arrive.release;\nbarrier.cluster.wait.acquire;" ::: "memory");
    }
    if (threadIdx.x == 0 && blockIdx.x == 0) {
        *clocks = (clock64() - start) / kSteps;
    }
}

__device__ void wait_phase(unsigned barrier, unsigned parity) {
    asm volatile(
        "{\n.reg .pred done;\nagain:\nmbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n@!done bra again;\n}"
        :
        : "r"(barrier), "r"(parity)
        : "memory");
}

// Each block of a cluster hands 8 bytes to every other one by st.async, and goes on when it has all of theirs: the
// exchange of a recurrent step.
__global__ void chain_async_exchange(long long* clocks, float* sink, int size) {
    __shared__ alignas(8) std::uint64_t barriers[2];
    __shared__ std::uint64_t words[2][16];
    cooperative_groups::cluster_group cluster = cooperative_groups::this_cluster();
    unsigned rank = cluster.block_rank();
    if (threadIdx.x == 0) {
        for (std::uint64_t& barrier : barriers) {
            asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" : : "r"(shared_address(&barrier)));
        }
        asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    }
    cluster.sync();
    std::uint64_t value = threadIdx.x;
    long long start = clock64();
    for (int i = 0; i < kSteps; ++i) {
        unsigned half = i & 1, parity = i / 2 & 1;
        unsigned barrier = shared_address(&barriers[half]);
        if (threadIdx.x == 0) {
            asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;"
                         :
                         : "r"(barrier), "r"(size * 8)
                         : "memory");
        }
        if (threadIdx.x < size) {
            unsigned to, remote;
            asm volatile("mapa.shared::cluster.u32 %0, %1, %2;"
                         : "=r"(to)
                         : "r"(shared_address(&words[half][rank])), "r"(threadIdx.x));
            asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(barrier), "r"(threadIdx.x));
            asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.u64 [%0], %1, [%2];"
                         :
                         : "r"(to), "l"(value), "r"(remote)
                         : "memory");
        }
        wait_phase(barrier, parity);
        value = words[half][threadIdx.x % size] + 1;
        __syncthreads();
    }
    if (threadIdx.x == 0 && blockIdx.x == 0) {
        *clocks = (clock64() - start) / kSteps;
        *sink = static_cast<float>(value);
    }
    cluster.sync();
}

// One counter that all blocks add to, read by one thread of each.
__global__ void chain_grid_counter(long long* clocks, float*, unsigned* counter) {
    long long start = clock64();
    for (unsigned i = 1; i <= kSteps; ++i) {
        __syncthreads();
        if (threadIdx.x == 0) {
            unsigned seen;
            asm volatile("red.release.gpu.global.add.u32 [%0], 1;" : : "l"(counter) : "memory");
            do {
                asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(seen) : "l"(counter) : "memory");
            } while (seen < i * gridDim.x);
        }
        __syncthreads();
    }
    if (threadIdx.x == 0 && blockIdx.x == 0) {
        *clocks = (clock64() - start) / kSteps;
    }
}

// A flag per block, 4 bytes apart; the threads of a block each wait for some of them.
__global__ void chain_grid_flags(long long* clocks, float*, unsigned* flags) {
    long long start = clock64();
    for (unsigned i = 1; i <= kSteps; ++i) {
        __syncthreads();
        if (threadIdx.x == 0) {
            asm volatile("st.release.gpu.global.u32 [%0], %1;" : : "l"(flags + blockIdx.x), "r"(i) : "memory");
        }
        for (unsigned block = threadIdx.x; block < gridDim.x; block += blockDim.x) {
            unsigned seen;
            do {
                asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(seen) : "l"(flags + block) : "memory");
            } while (seen < i);
        }
        __syncthreads();
    }
    if (threadIdx.x == 0 && blockIdx.x == 0) {
        *clocks = (clock64() - start) / kSteps;
    }
}

// The h of 16 sequences of 768 units in bf16, 16 bytes at a time: every block writes its share of a step's words and
// reads all of them again and again until none is what it was before. The words are their own flags: no fence, no
// counter.
__global__ void chain_grid_words(long long* clocks, float* sink, unsigned* counter, uint4* words) {
    constexpr int kRow = 96, kWordsOfStep = 16 * kRow, kShare = kWordsOfStep / 256;
    constexpr unsigned kEmpty = 0xffffffffU;
    const int blocks = static_cast<int>(gridDim.x), rank = static_cast<int>(blockIdx.x);
    const int thread = static_cast<int>(threadIdx.x);
    for (int i = rank * 256 + thread; i < kSteps * kWordsOfStep; i += blocks * 256) {
        words[i] = make_uint4(kEmpty, kEmpty, kEmpty, kEmpty);
    }
    __threadfence();
    __syncthreads();
    if (thread == 0) {
        atomicAdd(counter, 1);
        while (*static_cast<volatile unsigned*>(counter) < gridDim.x) {
        }
        __threadfence();
    }
    __syncthreads();
    unsigned value = static_cast<unsigned>(thread);
    const long long start = clock64();
    for (int step = 0; step < kSteps; ++step) {
        uint4* const now = words + step * kWordsOfStep;
        for (int i = thread; i < kWordsOfStep; i += 256) {
            if (i % kRow * blocks / kRow == rank) {
                asm volatile("st.relaxed.gpu.global.v4.u32 [%0], {%1, %1, %1, %1};"
                             :
                             : "l"(now + i), "r"(value)
                             : "memory");
            }
        }
        unsigned sum = 0;
        bool all;
        do {
            all = true;
            sum = 0;
            uint4 word[kShare];
#pragma unroll
            for (int k = 0; k < kShare; ++k) {
                asm volatile("ld.relaxed.gpu.global.v4.u32 {%0, %1, %2, %3}, [%4];"
                             : "=r"(word[k].x), "=r"(word[k].y), "=r"(word[k].z), "=r"(word[k].w)
                             : "l"(now + thread + 256 * k)
                             : "memory");
            }
#pragma unroll
            for (int k = 0; k < kShare; ++k) {
                all = all && word[k].x != kEmpty && word[k].y != kEmpty && word[k].z != kEmpty && word[k].w != kEmpty;
                sum += word[k].x;
            }
        } while (!all);
        value = sum & 0xffffU;
        __syncthreads();
    }
    if (thread == 0 && rank == 0) {
        *clocks = (clock64() - start) / kSteps;
        *sink = static_cast<float>(value);
    }
}

}  // namespace
