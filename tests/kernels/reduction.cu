// The sum of an array by one block: each warp with shuffles, then the warps through shared memory.
template <bool broken>
__global__ void reduction(const float* x, float* sum, int n) {
    __shared__ float partial[32];
    float total = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) total += x[i];
    for (int step = 16; step > 0; step /= 2) total += __shfl_down_sync(~0u, total, step);
    if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = total;
    if (!broken) __syncthreads();  // without it, the first warp reads what others have yet to write
    if (threadIdx.x < 32) {
        total = threadIdx.x < blockDim.x / 32 ? partial[threadIdx.x] : 0;
        for (int step = 16; step > 0; step /= 2) total += __shfl_down_sync(~0u, total, step);
        if (threadIdx.x == 0) *sum = total;
    }
}
