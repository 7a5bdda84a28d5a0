// Kernels tuned by Warpsmith 1.2.3 for NVIDIA H200 (h200), as machine code.
// This header needs the CUDA runtime, 12.8 or later, and nothing else: c++ -std=c++17 ... -lcudart
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
#ifndef WARPSMITH_KERNELS_vd6da1a8e017bb7b0a2d8a63c52e6407c
#define WARPSMITH_KERNELS_vd6da1a8e017bb7b0a2d8a63c52e6407c

#include <cmath>
#include <cstring>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>
#include <tuple>

namespace warpsmith_kernels {
namespace vd6da1a8e017bb7b0a2d8a63c52e6407c {

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

// The GPU that an image was tuned for, or that it is to run on.
struct Gpu {
    const char* product = "";  // how the device's name begins
    int capability = 0;        // 10 * major + minor; 0 where there is no GPU
    int multiprocessors = 0;
};

// Which GPUs take an image.
enum class Reach {
    one_capability,  // this one alone: an architecture with its own instructions, sm_90a
    same_major,      // this capability and later ones of its major number
    later,           // this capability and all later ones
};

inline bool runs_on(const Gpu& tuned, Reach reach, const Gpu& gpu) {
    return gpu.capability == tuned.capability ||
           (gpu.capability > tuned.capability &&
            (reach == Reach::later ||
             (reach == Reach::same_major && gpu.capability / 10 == tuned.capability / 10)));
}

// The current device. Asked once per thread and device.
inline const Gpu& current_gpu() {
    static const Gpu none;
    static thread_local int known = -1;
    static thread_local cudaDeviceProp properties;
    static thread_local Gpu gpu;
    int device = -1;
    if (cudaGetDevice(&device) != cudaSuccess) {
        return none;
    }
    if (device != known) {
        if (cudaGetDeviceProperties(&properties, device) != cudaSuccess) {
            return none;
        }
        gpu.product = properties.name;
        gpu.capability = 10 * properties.major + properties.minor;
        gpu.multiprocessors = properties.multiProcessorCount;
        known = device;
    }
    return gpu;
}

// Of the rows whose image the GPU takes and that are for the wanted fixed sizes: one tuned for this product, else for
// its capability, else for the most alike in number of multiprocessors; among those the nearest in sizes. Null where
// there is none.
template <class Row, int count, class Sizes>
const Row* nearest_row(const Row (&rows)[count], const Sizes& wanted, const Gpu& gpu) {
    using Rank = std::tuple<bool, bool, double, double>;
    const Row* nearest = nullptr;
    Rank least;
    for (const Row& row : rows) {
        const double distance = squared_distance(row.sizes, wanted);
        if (distance < 0 || !runs_on(row.gpu, row.reach, gpu)) {
            continue;
        }
        const bool other_product = std::strncmp(gpu.product, row.gpu.product, std::strlen(row.gpu.product)) != 0;
        const Rank rank(other_product, row.gpu.capability != gpu.capability,
                        other_product ? squared_log_ratio(row.gpu.multiprocessors, gpu.multiprocessors) : 0, distance);
        if (nearest == nullptr || rank < least) {
            nearest = &row;
            least = rank;
        }
    }
    return nearest;
}

// A kernel of an image, loaded when it is first launched.
struct LoadedKernel {
    cudaLibrary_t library = nullptr;
    cudaKernel_t kernel = nullptr;
    cudaError_t error = cudaSuccess;

    LoadedKernel(const char* image, const char* name) {
        error = cudaLibraryLoadData(&library, image, nullptr, nullptr, 0, nullptr, nullptr, 0);
        if (error == cudaSuccess) {
            error = cudaLibraryGetKernel(&kernel, library, name);
        }
    }
};

// Fills a variable beside the kernel in the stream's order; null leaves it as it is.
inline cudaError_t fill_variable(const LoadedKernel& loaded, const char* name, const void* values,
                                 cudaStream_t stream) {
    if (loaded.error != cudaSuccess || values == nullptr) {
        return loaded.error;
    }
    void* variable = nullptr;
    size_t bytes = 0;
    const cudaError_t error = cudaLibraryGetGlobal(&variable, &bytes, loaded.library, name);
    return error != cudaSuccess ? error : cudaMemcpyAsync(variable, values, bytes, cudaMemcpyDefault, stream);
}

template <class... Arguments>
cudaError_t launch_kernel(const LoadedKernel& loaded, const LaunchShape& shape, cudaStream_t stream,
                          Arguments... arguments) {
    if (loaded.error != cudaSuccess) {
        return loaded.error;
    }
    void* parameters[] = {const_cast<void*>(static_cast<const void*>(&arguments))...};
    const Launch launch(loaded.kernel, shape, stream);
    return launch.error != cudaSuccess ? launch.error
                                       : cudaLaunchKernelExC(&launch.config, loaded.kernel, parameters);
}

alignas(16) inline constexpr char image_0[] =
    "\177ELF\000image";

inline const LoadedKernel& kernel_0() {
    static const LoadedKernel loaded(image_0, "toy_scale");
    return loaded;
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
        kernel_0(),
        {ceil_divide((B * 64), 512), 1, 1, 128, 1, 65536, 0}, stream, arguments.x, arguments.y, arguments.sizes.B, 2.00000000f /* factor */);
}

inline cudaError_t launch_row_1(const Arguments& arguments, cudaStream_t stream) {
    const long long B = arguments.sizes.B;
    return launch_kernel(
        kernel_0(),
        {ceil_divide((B * 64), 32), 1, 1, 32, 1, 65536, 0}, stream, arguments.x, arguments.y, arguments.sizes.B, 2.00000000f /* factor */);
}

inline cudaError_t launch_row_2(const Arguments& arguments, cudaStream_t stream) {
    const long long B = arguments.sizes.B;
    return launch_kernel(
        kernel_0(),
        {ceil_divide((B * 8), 128), 1, 1, 64, 1, 8192, 0}, stream, arguments.x, arguments.y, arguments.sizes.B, 2.00000000f /* factor */);
}

struct Row {
    Sizes sizes;
    Gpu gpu;
    Reach reach;
    const char* config;
    const char* provenance;
    cudaError_t (*launch)(const Arguments&, cudaStream_t);
};
inline constexpr Row rows[] = {  // sizes: B, D
    {{1000, 64},
     {"NVIDIA H200", 90, 132},
     Reach::one_capability,
     "threads=128 items=4",
     "modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123",
     launch_row_0},
    {{16, 64},
     {"NVIDIA H200", 90, 132},
     Reach::one_capability,
     "threads=32 items=1",
     "modelled 3.5 us, error 0.001 of 0.002, toolkit 13.0, source 0123",
     launch_row_1},
    {{1000, 8},
     {"NVIDIA H200", 90, 132},
     Reach::one_capability,
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

// The row that `launch` takes on a GPU, the current one if none is named; null where no row is for it and the fixed
// sizes.
inline const Row* find_row(const Sizes& wanted, const Gpu& gpu) { return nearest_row(rows, wanted, gpu); }
inline const Row* find_row(const Sizes& wanted) { return find_row(wanted, current_gpu()); }

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
        kernel_0(),
        {ceil_divide((B * 64), 256), 1, 1, 256, 1, 65536, 0}, stream, arguments.x, arguments.y, arguments.sizes.B, -2.00000000f /* factor */);
}

struct Row {
    Sizes sizes;
    Gpu gpu;
    Reach reach;
    const char* config;
    const char* provenance;
    cudaError_t (*launch)(const Arguments&, cudaStream_t);
};
inline constexpr Row rows[] = {  // sizes: B, D
    {{1000, 64},
     {"NVIDIA H200", 90, 132},
     Reach::one_capability,
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

// The row that `launch` takes on a GPU, the current one if none is named; null where no row is for it and the fixed
// sizes.
inline const Row* find_row(const Sizes& wanted, const Gpu& gpu) { return nearest_row(rows, wanted, gpu); }
inline const Row* find_row(const Sizes& wanted) { return find_row(wanted, current_gpu()); }

// cudaErrorInvalidValue where no row was compiled for the fixed sizes.
inline cudaError_t launch(const Arguments& arguments, cudaStream_t stream) {
    const Row* row = find_row(arguments.sizes);
    return row == nullptr ? cudaErrorInvalidValue : row->launch(arguments, stream);
}

}  // namespace toy_f32_sign_minus

}  // namespace vd6da1a8e017bb7b0a2d8a63c52e6407c
using namespace vd6da1a8e017bb7b0a2d8a63c52e6407c;
}  // namespace warpsmith_kernels

#endif
