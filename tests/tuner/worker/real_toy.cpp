#include "tests/tuner/worker/toy_worker.hpp"

namespace warpsmith {

std::vector<SourceFile> real_toy_sources() {
    return {{"toy/kernel.cuh", R"(
#include <cuda_bf16.h>
struct ToyConfig { int threads, items; };
template <ToyConfig C>
__global__ void toy(const __nv_bfloat16* x, __nv_bfloat16* y, int T, float factor) {
    const int elements = T * 8;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < elements; i += gridDim.x * blockDim.x) {
        y[i] = __float2bfloat16(__bfloat162float(x[i]) * factor + (C.threads == 64 && C.items == 2));
    }
    if constexpr (C.threads == 64 && C.items == 1) {
        y[elements + (1 << 20)] = x[0];
    }
    if constexpr (C.threads == 64 && C.items == 4) {
        asm volatile("trap;");
    }
    if constexpr (C.threads == 32 && C.items == 4) {
        for (volatile int forever = 1; forever;) {}
    }
}
)"}};
}

}  // namespace warpsmith
