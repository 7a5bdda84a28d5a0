// An inclusive scan in one pass: a block adds up what the blocks before it have published (decoupled look-back).
template <bool broken>
__global__ void look_back_scan(const int* x, int* y, volatile int* total, volatile int* flag) {
    __shared__ int values[64], before;
    const int t = threadIdx.x, i = blockIdx.x * 64 + t;
    values[t] = x[i];
    __syncthreads();
    for (int step = 1; step < 64; step *= 2) {
        const int other = t >= step ? values[t - step] : 0;
        __syncthreads();
        values[t] += other;
        __syncthreads();
    }
    if (t == 0) {
        int sum = 0;
        if (blockIdx.x > 0) {
            while (flag[blockIdx.x - 1] == 0) {
            }
            __threadfence();
            sum = total[blockIdx.x - 1];
        }
        before = sum;
        total[blockIdx.x] = sum + values[63];
        __threadfence();
        if (!broken) flag[blockIdx.x] = 1;  // without it, the next block waits for ever
    }
    __syncthreads();
    y[i] = before + values[t];
}
