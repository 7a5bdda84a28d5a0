// y = 2 x, where MODE is 0. Mode 1 never ends.
extern "C" __global__ void hang(float* y, const float* x, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        y[i] = 2 * x[i];
    }
#if MODE == 1
    for (volatile int forever = 1; forever;) {
    }
#endif
}
