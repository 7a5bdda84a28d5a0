// y = 2 x. Mode 1 never ends; 0 is right, and 2, which comes after it.
extern "C" __global__ void hang(float* y, const float* x, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        y[i] = 2 * x[i];
    }
#if MODE == 1
    while (clock64() != 0) {  // an empty loop is compiled away
    }
#endif
}
