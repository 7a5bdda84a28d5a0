template <bool broken>
__global__ void histogram(const unsigned char* x, int* bins, int n) {
    __shared__ int own[16];
    if (threadIdx.x < 16 && !broken) own[threadIdx.x] = 0;  // shared memory does not start as zeros
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        atomicAdd(&own[x[i] % 16], 1);
    __syncthreads();
    if (threadIdx.x < 16) atomicAdd(&bins[threadIdx.x], own[threadIdx.x]);
}
