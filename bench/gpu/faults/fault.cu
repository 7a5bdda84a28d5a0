// y = 2 x. Some modes fault: 1 writes where no memory is, 2 reads from there, 3 traps. 0 is right, and 4, which comes
// after the faults.
extern "C" __global__ void fault(float* y, const float* x, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    const long long far = 1LL << 44;  // elements: beyond every address that a GPU has
    if (i < n) {
        y[i] = 2 * x[i];
#if MODE == 1
        y[i + far] = 1;
#elif MODE == 2
        y[i] += x[i + far];
#elif MODE == 3
        __trap();
#endif
    }
}
