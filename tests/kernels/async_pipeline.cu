// Doubles an array that cp.async brings in two stages ahead.
#include <cuda_pipeline.h>
template <bool broken>
__global__ void async_pipeline(const float4* x, float4* y, int steps) {
    __shared__ float4 stage[2][32];
    const int t = threadIdx.x;
    const auto fetch = [&](int step) {
        if (step < steps) __pipeline_memcpy_async(&stage[step % 2][t], &x[step * 32 + t], sizeof(float4));
        __pipeline_commit();
    };
    fetch(0);
    for (int step = 0; step < steps; ++step) {
        fetch(step + 1);
        __pipeline_wait_prior(broken ? 2 : 1);  // two may be under way: the one that is read is not there yet
        const float4 v = stage[step % 2][t];
        y[step * 32 + t] = make_float4(2 * v.x, 2 * v.y, 2 * v.z, 2 * v.w);
    }
}
