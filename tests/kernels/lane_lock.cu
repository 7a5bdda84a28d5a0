// A lock that every lane of a warp takes in turn, and a counter that it guards.
__device__ int lock;
template <bool broken>
__global__ void lane_lock(int* counter) {
    for (bool done = false; !done;) {
        if (broken || atomicCAS(&lock, 0, 1) == 0) {
            __threadfence();
            *counter = *(volatile int*)counter + 1;
            __threadfence();
            if (!broken) atomicExch(&lock, 0);
            done = true;
        }
    }
}
