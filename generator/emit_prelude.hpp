// The part of an emitted header that is the same in all of them: rounding, picking a row, launching.
#pragma once

namespace warpsmith {

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

struct LaunchShape {
    long long grid_x, grid_y, grid_z;
    long long threads, cluster, smem_bytes;
};

// A kernel may take what it only reads by a pointer to what it may write; anything else has to agree.
template <class Parameter, class Argument>
Parameter as_parameter(Argument argument) {
    if constexpr (std::is_pointer_v<Parameter>) {
        return const_cast<Parameter>(argument);
    } else {
        return argument;
    }
}

template <class... Parameters, class... Arguments>
cudaError_t launch_kernel(void (*kernel)(Parameters...), const LaunchShape& shape, cudaStream_t stream,
                          Arguments... arguments) {
    cudaError_t error = cudaSuccess;
    if (shape.smem_bytes > 48 * 1024) {  // beyond this a kernel has to ask
        error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                     static_cast<int>(shape.smem_bytes));
    }
    if (error == cudaSuccess && shape.cluster > 8) {  // and beyond this it has to ask, too
        error = cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1);
    }
    if (error != cudaSuccess) {
        return error;
    }
    cudaLaunchAttribute cluster{};
    cluster.id = cudaLaunchAttributeClusterDimension;
    cluster.val.clusterDim = {static_cast<unsigned>(shape.cluster), 1, 1};
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(static_cast<unsigned>(shape.grid_x), static_cast<unsigned>(shape.grid_y),
                          static_cast<unsigned>(shape.grid_z));
    config.blockDim = dim3(static_cast<unsigned>(shape.threads));
    config.dynamicSmemBytes = static_cast<size_t>(shape.smem_bytes);
    config.stream = stream;
    config.attrs = &cluster;
    config.numAttrs = shape.cluster > 1 ? 1 : 0;
    return cudaLaunchKernelEx(&config, kernel, as_parameter<Parameters>(arguments)...);
}
)";

}  // namespace warpsmith
