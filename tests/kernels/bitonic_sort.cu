// Sorts as many numbers as the block has threads, in shared memory.
template <bool broken>
__global__ void bitonic_sort(int* x) {
    extern __shared__ int s[];
    const unsigned t = threadIdx.x, n = blockDim.x;
    s[t] = x[t];
    __syncthreads();
    for (unsigned size = 2; size <= n; size *= 2) {
        for (unsigned step = size / 2; step > 0; step /= 2) {
            const unsigned other = t ^ step;
            if (other > t && (s[t] > s[other]) == ((t & size) == 0)) {
                const int kept = s[t];
                s[t] = s[other];
                s[other] = kept;
            }
            if (broken && t >= n / 2) continue;  // half of the threads skip the barrier
            __syncthreads();
        }
    }
    x[t] = s[t];
}
