// The parts of an emitted header that are the same in all of them: rounding, picking a row, launching.
#pragma once

namespace warpsmith {

// C++17.
inline constexpr const char* kEmittedPrelude = R"(
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
)";

// Where the kernels are source text.
inline constexpr const char* kEmittedSourcePrelude = R"(
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
)";

// Where the kernels are compiled images.
inline constexpr const char* kEmittedImagePrelude = R"(
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
)";

}  // namespace warpsmith
