// A producer warp and a consumer warp that meet at named barriers.
template <bool broken>
__global__ void barrier_counts(int* y) {
    __shared__ int box[32];
    const int t = threadIdx.x % 32;
    if (threadIdx.x < 32) {
        box[t] = t * 3;
        asm volatile("bar.arrive 1, 64;" ::: "memory");
    } else {
        asm volatile("bar.sync 1, %0;" ::"n"(broken ? 96 : 64) : "memory");
        y[t] = box[t];
    }
}
