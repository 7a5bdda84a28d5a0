// Latencies that decide how a recurrence is spread over a GPU: instructions in a chain, barriers of a block, a cluster
// and a grid, and a word handed to another SM. Prints one JSON object per line; clocks are of the SM, minima of several
// runs.
//
//   nvcc -O3 -std=c++17 -arch=sm_90a latency.cu -o latency && ./latency
#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "latency_exchanges.cuh"

namespace {

constexpr int kRepeats = 7;

void check(cudaError_t error, const char* doing) {
    if (error != cudaSuccess) {
        std::printf("{\"error\": \"%s: %s\"}\n", doing, cudaGetErrorString(error));
        std::exit(1);
    }
}

__global__ void chain_mma(long long* clocks, float* sink) {
    float d[4] = {1, 2, 3, 4};
    unsigned a = 0x3f803f80, b = 0x00000000;
    long long start = clock64();
#pragma unroll 16
    for (int i = 0; i < kSteps; ++i) {
        asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%4,%4,%4}, {%5,%5}, {%0,%1,%2,%3};"
            : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
            : "r"(a), "r"(b));
    }
    *sink = d[0] + d[1] + d[2] + d[3];
    *clocks = (clock64() - start) / kSteps;
}

__global__ void chain_tanh(long long* clocks, float* sink) {
    float x = *sink;
    long long start = clock64();
#pragma unroll 16
    for (int i = 0; i < kSteps; ++i) {
        asm volatile("tanh.approx.f32 %0, %0;" : "+f"(x));
    }
    *sink = x;
    *clocks = (clock64() - start) / kSteps;
}

__global__ void chain_ex2(long long* clocks, float* sink) {
    float x = *sink;
    long long start = clock64();
#pragma unroll 16
    for (int i = 0; i < kSteps; ++i) {
        asm volatile("ex2.approx.ftz.f32 %0, %0;" : "+f"(x));
    }
    *sink = x;
    *clocks = (clock64() - start) / kSteps;
}

__global__ void chain_fma(long long* clocks, float* sink) {
    float x = *sink;
    long long start = clock64();
#pragma unroll 16
    for (int i = 0; i < kSteps; ++i) {
        asm volatile("fma.rn.f32 %0, %0, %0, %0;" : "+f"(x));
    }
    *sink = x;
    *clocks = (clock64() - start) / kSteps;
}

// A word stored to shared memory and read back as a matrix fragment by the same warp.
__global__ void chain_store_ldmatrix(long long* clocks, float* sink) {
    __shared__ alignas(16) unsigned words[64];
    unsigned address = shared_address(words + threadIdx.x % 8 * 4), value = threadIdx.x;
    words[threadIdx.x] = 0;
    words[threadIdx.x + 32] = 0;
    __syncwarp();
    long long start = clock64();
    for (int i = 0; i < kSteps; ++i) {
        unsigned low, high;
        words[threadIdx.x] = value;
        __syncwarp();
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];"
                     : "=r"(low), "=r"(high)
                     : "r"(address)
                     : "memory");
        value = low ^ high;
    }
    *sink = static_cast<float>(value);
    if (threadIdx.x == 0) {
        *clocks = (clock64() - start) / kSteps;
    }
}

__global__ void chain_block_barrier(long long* clocks, float*) {
    __syncthreads();
    long long start = clock64();
#pragma unroll 4
    for (int i = 0; i < kSteps; ++i) {
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        *clocks = (clock64() - start) / kSteps;
    }
}

// Pointer chase; `next` is an index ring through the buffer. `warm` steps are not timed: once around, for a ring that
// is to be in L2; none, for one that is not.
__global__ void chain_load(long long* clocks, float* sink, const unsigned* next, int steps, int warm) {
    unsigned at = 0;
    for (int i = 0; i < warm; ++i) {
        asm volatile("ld.global.cg.u32 %0, [%1];" : "=r"(at) : "l"(next + at));
    }
    long long start = clock64();
    for (int i = 0; i < steps; ++i) {
        asm volatile("ld.global.cg.u32 %0, [%1];" : "=r"(at) : "l"(next + at));
    }
    *sink = static_cast<float>(at);
    *clocks = (clock64() - start) / steps;
}

struct Bench {
    long long* clocks;
    float* sink;
    unsigned* memory;
    static constexpr std::size_t kWords = 64 << 20;
    static constexpr std::size_t kCleared = 1024;  // words at the beginning that are 0 before every launch

    template <class... More>
    void run(const char* what, void (*kernel)(long long*, float*, More...), int blocks, int threads, int cluster,
             More... more) {
        long long best = -1;
        cudaEvent_t begin, end;
        check(cudaEventCreate(&begin), "event");
        check(cudaEventCreate(&end), "event");
        float best_ms = 0;
        if (cluster > 8) {
            check(cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1), "attribute");
        }
        for (int repeat = 0; repeat < kRepeats; ++repeat) {
            check(cudaMemset(memory, 0, kCleared * 4), "memset");
            cudaLaunchAttribute attribute{};
            attribute.id = cudaLaunchAttributeClusterDimension;
            attribute.val.clusterDim = {static_cast<unsigned>(cluster), 1, 1};
            cudaLaunchConfig_t config{};
            config.gridDim = blocks;
            config.blockDim = threads;
            config.attrs = &attribute;
            config.numAttrs = cluster > 1 ? 1 : 0;
            check(cudaEventRecord(begin), "event");
            if (cudaError_t error = cudaLaunchKernelEx(&config, kernel, clocks, sink, more...); error != cudaSuccess) {
                std::printf("{\"what\": \"%s\", \"blocks\": %d, \"threads\": %d, \"cluster\": %d, \"error\": \"%s\"}\n",
                            what, blocks, threads, cluster, cudaGetErrorString(error));
                cudaGetLastError();
                return;
            }
            check(cudaEventRecord(end), "event");
            check(cudaDeviceSynchronize(), what);
            float ms;
            check(cudaEventElapsedTime(&ms, begin, end), "elapsed");
            long long now;
            check(cudaMemcpy(&now, clocks, sizeof now, cudaMemcpyDeviceToHost), "copy");
            best_ms = best < 0 || now < best ? ms : best_ms;
            best = best < 0 || now < best ? now : best;
        }
        std::printf(
            "{\"what\": \"%s\", \"blocks\": %d, \"threads\": %d, \"cluster\": %d, \"clocks\": %lld, \"launch_us\": "
            "%.2f}\n",
            what, blocks, threads, cluster, best, 1000 * best_ms);
        std::fflush(stdout);
    }

    // A ring of single words, `stride` words apart.
    void ring(std::size_t words, std::size_t stride) {
        std::vector<unsigned> next(words);
        std::size_t count = words / stride;
        std::vector<unsigned> order(count);
        for (std::size_t i = 0; i < count; ++i) {
            order[i] = static_cast<unsigned>((i * 7919 + 13) % count * stride);
        }
        for (std::size_t i = 0; i < count; ++i) {
            next[order[i]] = order[(i + 1) % count];
        }
        check(cudaMemcpy(memory + kCleared, next.data(), words * 4, cudaMemcpyHostToDevice), "copy");
    }
};

}  // namespace

int main() {
    Bench bench{};
    check(cudaMalloc(&bench.clocks, 8), "malloc");
    check(cudaMalloc(&bench.sink, 4), "malloc");
    check(cudaMalloc(&bench.memory, (Bench::kCleared + Bench::kWords) * 4), "malloc");
    check(cudaMemset(bench.sink, 0, 4), "memset");
    cudaDeviceProp properties;
    check(cudaGetDeviceProperties(&properties, 0), "properties");
    std::printf("{\"gpu\": \"%s\", \"sms\": %d}\n", properties.name, properties.multiProcessorCount);
    bench.run("mma.sync m16n8k16 bf16", chain_mma, 1, 32, 1);
    bench.run("tanh.approx.f32", chain_tanh, 1, 32, 1);
    bench.run("ex2.approx.ftz.f32", chain_ex2, 1, 32, 1);
    bench.run("fma.rn.f32", chain_fma, 1, 32, 1);
    bench.run("store to shared memory, ldmatrix", chain_store_ldmatrix, 1, 32, 1);
    for (int threads : {32, 64, 128, 256, 512, 1024}) {
        bench.run("__syncthreads", chain_block_barrier, 1, threads, 1);
    }
    for (int size : {2, 4, 8, 16}) {
        bench.run("barrier.cluster", chain_cluster_barrier, size, 256, size);
        bench.run("barrier.cluster, all SMs", chain_cluster_barrier, 128 / size * size, 256, size);
        bench.run("st.async exchange and mbarrier", chain_async_exchange, size, 256, size, size);
        bench.run("st.async exchange and mbarrier, 96 blocks", chain_async_exchange, 96 / size * size, 256, size, size);
    }
    for (int blocks : {8, 32, 64, 132}) {
        bench.run("grid barrier, one counter", chain_grid_counter, blocks, 256, 1, bench.memory);
        bench.run("grid barrier, flags", chain_grid_flags, blocks, 256, 1, bench.memory);
    }
    for (int blocks : {8, 16, 32, 48, 96}) {
        bench.run("24 KiB through L2, words as flags", chain_grid_words, blocks, 256, 1, bench.memory,
                  reinterpret_cast<uint4*>(bench.memory + Bench::kCleared));
    }
    bench.ring(1 << 20, 32);  // 4 MiB: L2
    const unsigned* ring = bench.memory + Bench::kCleared;
    bench.run("load from L2", chain_load, 1, 1, 1, ring, 32768, 32768);
    bench.ring(Bench::kWords, 64);  // 256 MiB, of which a run reads 150: more than any L2 keeps for the next run
    bench.run("load from device memory", chain_load, 1, 1, 1, ring, 600'000, 0);
    return 0;
}
