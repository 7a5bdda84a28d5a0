// Kernels tuned by Warpsmith 1.2.3 for NVIDIA H200 (h200).
// This header needs CUDA 12.8 or later and nothing else: nvcc -std=c++20 -arch=sm_90a
//
//   toy B=1000 D=64 dtype=bf16 sign=plus on h200
//       threads=128 items=4
//       modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123
//   toy B=16 D=64 dtype=bf16 sign=plus on h200
//       threads=32 items=1
//       modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123
//   toy B=1000 D=8 dtype=bf16 sign=plus on h200
//       threads=64 items=2
//       modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123
//   toy B=1000 D=64 dtype=f32 sign=minus on h200
//       threads=256 items=1
//       modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123
#ifndef WARPSMITH_KERNELS_v4586792f0313da5ace3d61102328327d
#define WARPSMITH_KERNELS_v4586792f0313da5ace3d61102328327d

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#ifndef __CUDACC_RTC__

#include <cmath>
#include <type_traits>
#endif

namespace warpsmith_kernels {
namespace v4586792f0313da5ace3d61102328327d {

// From common/types.cuh
inline __device__ float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }
inline __device__ float to_float(__half x) { return __half2float(x); }
inline __device__ float to_float(float x) { return x; }

// From toy/kernel.cuh

struct ToyConfig {
    int threads, items;
};

template <ToyConfig C, class T, int D>
__global__ void __launch_bounds__(C.threads) toy_scale(const T* x, T* y, int B, float factor) {
    __shared__ float tile[C.threads];
    extern __shared__ __align__(16) unsigned char scratch[];
    for (int i = 0; i < C.items; ++i) {
        int element = (static_cast<int>(blockIdx.x) * C.items + i) * C.threads + static_cast<int>(threadIdx.x);
        tile[threadIdx.x] = element < B * D ? to_float(x[element]) : 0.0f;
        __syncthreads();
        if (element < B * D) {
            y[element] = T(factor * tile[threadIdx.x]);
        }
    }
}

#ifndef __CUDACC_RTC__

// How the kernels are launched
inline constexpr long long floor_divide(long long a, long long b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }
inline constexpr long long floor_modulo(long long a, long long b) { return a - floor_divide(a, b) * b; }
inline constexpr long long ceil_divide(long long a, long long b) { return -floor_divide(-a, b); }
inline constexpr long long smaller(long long a, long long b) { return a < b ? a : b; }
inline constexpr long long larger(long long a, long long b) { return a < b ? b : a; }
inline constexpr long long absolute(long long a) { return a < 0 ? -a : a; }

inline double squared_log_ratio(int a, int b) {
    const double octaves = std::log2(static_cast<double>(a)) - std::log2(static_cast<double>(b));
    return octaves * octaves;
}

struct LaunchShape {
    long long grid_x, grid_y, grid_z;
    long long threads, cluster, smem_bytes, cooperative;
    long long block_y = 1, block_z = 1;  // `threads` are those along x
};

// A launch as the runtime wants it. The attributes are those of the launch; those of the kernel are set, for it has to
// ask for more than 48 KiB of shared memory and for clusters of more than 8 blocks.
struct Launch {
    cudaError_t error = cudaSuccess;
    cudaLaunchAttribute attributes[2] = {};
    cudaLaunchConfig_t config = {};

    Launch(const void* kernel, const LaunchShape& shape, cudaStream_t stream) {
        if (shape.smem_bytes > 48 * 1024) {
            error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                         static_cast<int>(shape.smem_bytes));
        }
        if (error == cudaSuccess && shape.cluster > 8) {
            error = cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1);
        }
        if (shape.cluster > 1) {
            cudaLaunchAttribute& cluster = attributes[config.numAttrs++];
            cluster.id = cudaLaunchAttributeClusterDimension;
            cluster.val.clusterDim.x = static_cast<unsigned>(shape.cluster);
            cluster.val.clusterDim.y = cluster.val.clusterDim.z = 1;
        }
        if (shape.cooperative != 0) {
            cudaLaunchAttribute& cooperative = attributes[config.numAttrs++];
            cooperative.id = cudaLaunchAttributeCooperative;
            cooperative.val.cooperative = 1;
        }
        config.gridDim = dim3(static_cast<unsigned>(shape.grid_x), static_cast<unsigned>(shape.grid_y),
                              static_cast<unsigned>(shape.grid_z));
        config.blockDim = dim3(static_cast<unsigned>(shape.threads), static_cast<unsigned>(shape.block_y),
                               static_cast<unsigned>(shape.block_z));
        config.dynamicSmemBytes = static_cast<size_t>(shape.smem_bytes);
        config.stream = stream;
        config.attrs = attributes;
    }
    Launch(const Launch&) = delete;
    Launch& operator=(const Launch&) = delete;
};

// The row nearest to the wanted sizes, or null where none was compiled for their fixed ones.
template <class Row, int count, class Sizes>
const Row* nearest_row(const Row (&rows)[count], const Sizes& wanted) {
    const Row* nearest = nullptr;
    double least = 0;
    for (const Row& row : rows) {
        const double distance = squared_distance(row.sizes, wanted);
        if (distance >= 0 && (nearest == nullptr || distance < least)) {
            nearest = &row;
            least = distance;
        }
    }
    return nearest;
}

// A kernel may take what it only reads by a pointer to what it may write; anything else has to agree.
template <class Parameter, class Argument>
Parameter as_parameter(Argument argument) {
    if constexpr (std::is_same_v<Parameter, void*>) {
        return const_cast<void*>(static_cast<const void*>(argument));
    } else if constexpr (std::is_pointer_v<Parameter>) {
        return const_cast<Parameter>(argument);
    } else {
        return argument;
    }
}

template <class... Parameters, class... Arguments>
cudaError_t launch_kernel(void (*kernel)(Parameters...), const LaunchShape& shape, cudaStream_t stream,
                          Arguments... arguments) {
    const Launch launch(reinterpret_cast<const void*>(kernel), shape, stream);
    if (launch.error != cudaSuccess) {
        return launch.error;
    }
    return cudaLaunchKernelEx(&launch.config, kernel, as_parameter<Parameters>(arguments)...);
}

// y = factor * x
namespace toy_bf16 {

struct Sizes {
    int B = 0;  // batch
    int D = 0;  // units; as in a row of the table
};

// Device pointers, with the axes of each in the order of memory, slowest first.
struct Arguments {
    Sizes sizes;
    const __nv_bfloat16* x = nullptr;  // B,D
    __nv_bfloat16* y = nullptr;  // B,D
};

inline cudaError_t launch_row_0(const Arguments& arguments, cudaStream_t stream) {
    const long long B = arguments.sizes.B;
    return launch_kernel(
        toy_scale<ToyConfig{.threads = 128, .items = 4}, __nv_bfloat16, 64>,
        {ceil_divide((B * 64), 512), 1, 1, 128, 1, 65536, 0}, stream, arguments.x, arguments.y, arguments.sizes.B, 2.00000000f /* factor */);
}

inline cudaError_t launch_row_1(const Arguments& arguments, cudaStream_t stream) {
    const long long B = arguments.sizes.B;
    return launch_kernel(
        toy_scale<ToyConfig{.threads = 32, .items = 1}, __nv_bfloat16, 64>,
        {ceil_divide((B * 64), 32), 1, 1, 32, 1, 65536, 0}, stream, arguments.x, arguments.y, arguments.sizes.B, 2.00000000f /* factor */);
}

inline cudaError_t launch_row_2(const Arguments& arguments, cudaStream_t stream) {
    const long long B = arguments.sizes.B;
    return launch_kernel(
        toy_scale<ToyConfig{.threads = 64, .items = 2}, __nv_bfloat16, 8>,
        {ceil_divide((B * 8), 128), 1, 1, 64, 1, 8192, 0}, stream, arguments.x, arguments.y, arguments.sizes.B, 2.00000000f /* factor */);
}

struct Row {
    Sizes sizes;
    const char* config;
    const char* provenance;
    cudaError_t (*launch)(const Arguments&, cudaStream_t);
};
inline constexpr Row rows[] = {  // sizes: B, D
    {{1000, 64},
     "threads=128 items=4",
     "modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123",
     launch_row_0},
    {{16, 64},
     "threads=32 items=1",
     "modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123",
     launch_row_1},
    {{1000, 8},
     "threads=64 items=2",
     "modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123",
     launch_row_2},
};

// In octaves over the runtime sizes; negative where the row is not for the wanted sizes.
inline double squared_distance(const Sizes& row, const Sizes& wanted) {
    if (wanted.B < 1 || row.D != wanted.D) {
        return -1;
    }
    return squared_log_ratio(row.B, wanted.B);
}

// The row that `launch` takes, or null where no row was compiled for the fixed sizes.
inline const Row* find_row(const Sizes& wanted) { return nearest_row(rows, wanted); }

// cudaErrorInvalidValue where no row was compiled for the fixed sizes.
inline cudaError_t launch(const Arguments& arguments, cudaStream_t stream) {
    const Row* row = find_row(arguments.sizes);
    return row == nullptr ? cudaErrorInvalidValue : row->launch(arguments, stream);
}

}  // namespace toy_bf16

// y = factor * x
namespace toy_f32_sign_minus {

struct Sizes {
    int B = 0;  // batch
    int D = 0;  // units; as in a row of the table
};

// Device pointers, with the axes of each in the order of memory, slowest first.
struct Arguments {
    Sizes sizes;
    const float* x = nullptr;  // B,D
    float* y = nullptr;  // B,D
};

inline cudaError_t launch_row_0(const Arguments& arguments, cudaStream_t stream) {
    const long long B = arguments.sizes.B;
    return launch_kernel(
        toy_scale<ToyConfig{.threads = 256, .items = 1}, float, 64>,
        {ceil_divide((B * 64), 256), 1, 1, 256, 1, 65536, 0}, stream, arguments.x, arguments.y, arguments.sizes.B, -2.00000000f /* factor */);
}

struct Row {
    Sizes sizes;
    const char* config;
    const char* provenance;
    cudaError_t (*launch)(const Arguments&, cudaStream_t);
};
inline constexpr Row rows[] = {  // sizes: B, D
    {{1000, 64},
     "threads=256 items=1",
     "modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123",
     launch_row_0},
};

// In octaves over the runtime sizes; negative where the row is not for the wanted sizes.
inline double squared_distance(const Sizes& row, const Sizes& wanted) {
    if (wanted.B < 1 || row.D != wanted.D) {
        return -1;
    }
    return squared_log_ratio(row.B, wanted.B);
}

// The row that `launch` takes, or null where no row was compiled for the fixed sizes.
inline const Row* find_row(const Sizes& wanted) { return nearest_row(rows, wanted); }

// cudaErrorInvalidValue where no row was compiled for the fixed sizes.
inline cudaError_t launch(const Arguments& arguments, cudaStream_t stream) {
    const Row* row = find_row(arguments.sizes);
    return row == nullptr ? cudaErrorInvalidValue : row->launch(arguments, stream);
}

}  // namespace toy_f32_sign_minus

#endif  // __CUDACC_RTC__

}  // namespace v4586792f0313da5ace3d61102328327d
using namespace v4586792f0313da5ace3d61102328327d;
}  // namespace warpsmith_kernels

using _ZN17warpsmith_kernels33v4586792f0313da5ace3d61102328327d9ToyConfigE = warpsmith_kernels::v4586792f0313da5ace3d61102328327d::ToyConfig;  // for nvcc

#endif
