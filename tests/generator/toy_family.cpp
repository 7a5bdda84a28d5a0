#include "tests/generator/toy_family.hpp"

namespace warpsmith {
namespace {

constexpr const char* kTypes = R"(#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
inline __device__ float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }
inline __device__ float to_float(__half x) { return __half2float(x); }
inline __device__ float to_float(float x) { return x; }
)";

constexpr const char* kKernel = R"(#pragma once
#include "common/types.cuh"

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
)";

Space toy_space(const Workload& workload, const Target& target) {
    Space space;
    Expr threads = space.model.variable("threads", {32, 64, 128, 256});
    Expr items = space.model.variable("items", {1, 2, 4});
    Expr B = space.model.define("B", workload.dim("B"));
    Expr D = space.model.define("D", workload.dim("D"));
    Expr tile = space.model.define("tile", threads * items);
    space.model.require(threads * 4 + D <= target.smem_per_block, "the tile fits in shared memory");
    space.launch = {.grid_x = ceil_div(B * D, tile), .threads = threads, .smem_bytes = D * 1024};
    return space;
}

}  // namespace

std::vector<SourceFile> toy_files() {
    return {{"common/types.cuh", kTypes}, {"toy/kernel.cuh", kKernel}, {"other/kernel.cuh", "#pragma once\n"}};
}

Family toy_family() {
    return {
        .name = "toy",
        .summary = "y = factor * x",
        .dimensions = {{"B", Binding::runtime, "batch"}, {"D", Binding::fixed, "units"}},
        .dtypes = {DType::f32, DType::bf16},
        .options = {{"sign", {"plus", "minus"}, "of the factor"}},
        .config_struct = "ToyConfig",
        .entry =
            [](const Workload& workload) {
                return Entry{
                    .header = "toy/kernel.cuh",
                    .function = "toy_scale",
                    .template_arguments = {std::string(cuda_type(workload.dtype)), std::to_string(workload.dim("D"))}};
            },
        .space = toy_space,
        .tensors =
            [](const Workload& workload) {
                const std::vector<std::int64_t> shape = {workload.dim("B"), workload.dim("D")};
                return std::vector<TensorSpec>{{"x", Role::input, workload.dtype, "B,D", shape},
                                               {"y", Role::output, workload.dtype, "B,D", shape}};
            },
        .parameters =
            [](const Workload& workload) {
                const float factor = workload.option("sign") == "plus" ? 2.0F : -2.0F;
                return std::vector<Parameter>{"x", "y", DimensionParameter{"B"}, NumberParameter{"factor", factor}};
            },
    };
}

Workload toy_workload(std::int64_t B, std::int64_t D, DType dtype, const std::string& sign) {
    return {.family = "toy", .dims = {{"B", B}, {"D", D}}, .dtype = dtype, .options = {{"sign", sign}}};
}

Target toy_target() {
    return find_target("h200");
}

}  // namespace warpsmith
