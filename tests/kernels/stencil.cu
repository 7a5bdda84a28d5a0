// The mean of three neighbours; the last block has fewer elements than threads.
template <bool broken>
__global__ void stencil(const float* x, float* y, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (broken ? n + 1 : n)) return;
    const float left = i > 0 ? x[i - 1] : 0, right = i + 1 < n ? x[i + 1] : 0;
    y[i] = (left + x[i] + right) / 3;
}
