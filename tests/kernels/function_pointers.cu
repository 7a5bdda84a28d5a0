__device__ float square(float x) {
    return x * x;
}
__device__ float negate(float x) {
    return -x;
}
using Function = float (*)(float);
__device__ Function table[3] = {square, negate, nullptr};
template <bool broken>
__global__ void function_pointers(float* x) {
    x[threadIdx.x] = table[threadIdx.x % (broken ? 3 : 2)](x[threadIdx.x]);
}
