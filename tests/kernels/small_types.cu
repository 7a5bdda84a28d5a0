// Types of 8 and 16 bits, a __constant__ table, a variable with a first value and an array that is indexed at run time.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

__constant__ float scales[4] = {1, 2, 4, 8};
__device__ int bias = 40;

template <bool broken>
__global__ void small_types(const float* x, float* y) {
    const int i = threadIdx.x;
    float turned[4];
    for (int k = 0; k < 4; ++k) turned[(k + i) % 4] = scales[broken ? k + i : k];  // past the end of the table
    const float by_eight_bits = float(__nv_fp8_e4m3(x[i]));
    const float by_half = __half2float(__hmul(__float2half(x[i]), __float2half(2.0f)));
    const float by_bfloat = __bfloat162float(__float2bfloat16(x[i])) * turned[bias % 4];
    y[i] = by_eight_bits + by_half + by_bfloat + bias;
}
