// The sum of n elements, one partial sum for each block, added up by atomic additions. Its block size is a template
// argument. Tuned by `warpsmith tune reduction.json`.
template <int threads, int unroll>
__global__ void __launch_bounds__(threads) reduction(const float* values, float* sum, int n) {
    __shared__ float partial[threads];
    float mine = 0;
#pragma unroll unroll
    for (int i = blockIdx.x * threads + threadIdx.x; i < n; i += gridDim.x * threads) {
        mine += values[i];
    }
    partial[threadIdx.x] = mine;
    __syncthreads();
    for (int half = threads / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) {
            partial[threadIdx.x] += partial[threadIdx.x + half];
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        atomicAdd(sum, partial[0]);
    }
}
