// Uses an emitted header, and nothing else of Warpsmith: tells which configurations it has, and where there is a GPU
// runs the scan and compares it with a loop on the CPU.
//
//   nvcc -std=c++20 -arch=sm_90a -I. examples/use_header.cu -o use_header      (kernels.cuh is what ./setup makes)
#include <cmath>
#include <cstdio>
#include <vector>

#include "kernels.cuh"

namespace kernels = warpsmith_kernels;

namespace {

constexpr int T = 1000, B = 8, D = 512;  // T was not tuned: the row for the nearest is taken

template <class Row>
void tell(const char* name, const Row* row) {
    std::printf("%-22s %s\n%-22s %s\n", name, row ? row->config : "none", "", row ? row->provenance : "");
}

float* on_gpu(const std::vector<float>& values) {
    float* address = nullptr;
    cudaMalloc(&address, values.size() * sizeof(float));
    cudaMemcpy(address, values.data(), values.size() * sizeof(float), cudaMemcpyHostToDevice);
    return address;
}

// h_t = a h_(t-1) + b with the same a = 0.5 and b = 1 everywhere, from h = 0: h_t = 2 - 2^-t.
bool scan_is_right() {
    std::vector<float> a(B * T * D, 0.5F), b(B * T * D, 1.0F), h0(B * D, 0.0F), h(B * T * D);
    float* result = on_gpu(h);
    cudaError_t error = kernels::scan_f32::launch(
        {.sizes = {.T = T, .B = B, .D = D}, .a = on_gpu(a), .b = on_gpu(b), .h0 = on_gpu(h0), .h = result}, nullptr);
    if (error == cudaSuccess) {
        error = cudaMemcpy(h.data(), result, h.size() * sizeof(float), cudaMemcpyDeviceToHost);
    }
    if (error != cudaSuccess) {
        std::printf("the scan failed: %s\n", cudaGetErrorString(error));
        return false;
    }
    for (int t = 0; t < T; ++t) {
        float expected = 2.0F - std::exp2(-static_cast<float>(t));
        if (std::fabs(h[static_cast<std::size_t>(t) * D] - expected) > 1e-5F) {
            std::printf("step %d is %g, not %g\n", t, h[static_cast<std::size_t>(t) * D], expected);
            return false;
        }
    }
    return true;
}

}  // namespace

int main() {
    tell("lstm", kernels::lstm_bf16::find_row({.T = 128, .B = 16, .N = 4, .D = 64}));
    tell("scan", kernels::scan_f32::find_row({.T = T, .B = B, .D = D}));
    tell("attention", kernels::attention_bf16_mask_causal::find_row({.L = 1024, .B = 2, .Hq = 8, .Hkv = 2, .D = 64}));
    int gpus = 0;
    if (cudaGetDeviceCount(&gpus) != cudaSuccess || gpus == 0) {
        std::printf("there is no GPU here to run them on\n");
        return 0;
    }
    bool right = scan_is_right();
    std::printf("the scan is %s\n", right ? "right" : "wrong");
    return right ? 0 : 1;
}
