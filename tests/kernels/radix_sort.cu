// Sorts one block's numbers of 8 bits, a bit at a time, by ballots.
template <bool broken>
__global__ void radix_sort(unsigned* x) {
    __shared__ unsigned s[64], zeros_of[2];
    const unsigned t = threadIdx.x, lane = t % 32, warp = t / 32;
    unsigned value = x[t];
    for (int bit = 0; bit < 8; ++bit) {
        const bool one = value >> bit & 1;
        const unsigned zeros = __ballot_sync(~0u, !one);
        if (lane == 0) zeros_of[warp] = __popc(zeros);
        __syncthreads();
        const unsigned all = zeros_of[0] + zeros_of[1], before = warp * zeros_of[0];
        const unsigned lower = before + __popc(zeros & ((1u << lane) - 1));
        s[one ? all + t - lower : lower] = value;
        if (!broken) __syncthreads();
        value = s[t];
        __syncthreads();
    }
    x[t] = value;
}
