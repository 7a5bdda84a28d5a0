// Two phases of a whole grid, with a barrier between them that all blocks spin in.
__device__ unsigned arrived;
template <bool broken>
__global__ void grid_barrier(int* x, int* y) {
    const int n = gridDim.x * blockDim.x, i = blockIdx.x * blockDim.x + threadIdx.x;
    x[i] = i * i;
    if (!broken) {
        __syncthreads();
        if (threadIdx.x == 0) {
            __threadfence();
            atomicAdd(&arrived, 1);
            while (*(volatile unsigned*)&arrived < gridDim.x) {
            }
            __threadfence();
        }
        __syncthreads();
    }
    y[i] = x[n - 1 - i];
}
