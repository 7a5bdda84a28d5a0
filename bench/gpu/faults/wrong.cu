// y = 2 x, where MODE is 0. Other modes answer wrongly: 1 leaves the last element out, 2 has one of another sign, 3
// writes an element behind the last one, where no fault tells.
extern "C" __global__ void wrong(float* y, const float* x, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
#if MODE == 1
        if (i == n - 1) {
            return;
        }
#endif
        y[i] = 2 * x[i];
#if MODE == 2
        if (i == n / 2) {
            y[i] = -y[i];
        }
#elif MODE == 3
        if (i == 0) {
            y[n] = 1;
        }
#endif
    }
}
