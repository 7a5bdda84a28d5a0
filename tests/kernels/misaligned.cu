template <bool broken>
__global__ void misaligned(const float* x, float* y) {
    const float2 pair = *(const float2*)(x + 2 * threadIdx.x + broken);
    y[threadIdx.x] = pair.x + pair.y;
}
