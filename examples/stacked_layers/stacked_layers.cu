// Four LSTM layers on top of each other, layer after layer and in chunks of steps as a wavefront: chunks of different
// layers run side by side, each layer on a stream of its own. Both are captured in CUDA graphs; the results are
// compared bit by bit, and the times printed.
//
//   warpsmith tune "lstm T=1024 B=16 N=1 D=256 dtype=bf16" --target h200
//   warpsmith emit "lstm T=1024 B=16 N=1 D=256 dtype=bf16" --target h200 --layers 4 --embed cubin -o kernels.hpp
//   nvcc -std=c++17 -arch=sm_90 -I. examples/stacked_layers/stacked_layers.cu -o stacked_layers
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "input_product.cuh"
#include "kernels.hpp"

namespace lstm = warpsmith_kernels::lstm_bf16;

namespace {

using Half = __nv_bfloat16;

constexpr int kLayers = 4;
constexpr lstm::Sizes kSizes = lstm::rows[0].sizes;  // what the header was tuned for
constexpr int T = kSizes.T, B = kSizes.B, units = kSizes.N * kSizes.D, gates = 4;
constexpr size_t step = size_t(B) * units;  // elements of h in a step; x has `gates` times as many

void check(cudaError_t error, const char* doing) {
    if (error != cudaSuccess) {
        std::fprintf(stderr, "%s: %s\n", doing, cudaGetErrorString(error));
        std::exit(1);
    }
}

template <class Element>
Element* zeros(size_t count) {
    Element* address = nullptr;
    check(cudaMalloc(&address, count * sizeof(Element)), "allocating");
    check(cudaMemset(address, 0, count * sizeof(Element)), "clearing");
    return address;
}

Half* random_values(size_t count, float scale, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<Half> values(count);
    for (Half& value : values) {
        value = __float2bfloat16(scale * (static_cast<float>(random()) / 4294967296.0F - 0.5F));
    }
    Half* address = zeros<Half>(count);
    check(cudaMemcpy(address, values.data(), count * sizeof(Half), cudaMemcpyHostToDevice), "copying weights");
    return address;
}

// States go from a chunk to the next one by two buffers: a launch may still read its first ones while it writes its
// last.
struct Layer {
    Half *W, *R, *bias, *x, *h, *h_state[2];
    float* c_state[2];
    cudaStream_t stream;
    cudaEvent_t done;  // its newest chunk
};

Layer make_layer(unsigned seed) {
    const float scale = 4.0F / static_cast<float>(kSizes.D);
    Layer layer = {};
    layer.W = random_values(size_t(gates) * units * units, 4.0F / static_cast<float>(units), seed);
    layer.R = random_values(size_t(gates) * units * kSizes.D, scale, seed + 1);
    layer.bias = random_values(size_t(gates) * units, 1, seed + 2);
    layer.x = zeros<Half>(T * step * gates);
    layer.h = zeros<Half>(T * step);
    for (int i = 0; i < 2; ++i) {
        layer.h_state[i] = zeros<Half>(step);
        layer.c_state[i] = zeros<float>(step);
    }
    check(cudaStreamCreateWithFlags(&layer.stream, cudaStreamNonBlocking), "making a stream");
    check(cudaEventCreateWithFlags(&layer.done, cudaEventDisableTiming), "making an event");
    return layer;
}

void launch_product(const Half* h, const Half* W, Half* x, int rows, cudaStream_t stream) {
    const int columns = gates * units, tile = input_product::kTile;
    const dim3 grid((columns + tile - 1) / tile, (rows + tile - 1) / tile);
    input_product::multiply<<<grid, input_product::kThreads, 0, stream>>>(h, W, x, rows, columns, units);
    check(cudaGetLastError(), "launching an input product");
}

void launch_chunk(const Layer& layer, const Half* below, int chunk, int first_step, int steps) {
    Half* const x = layer.x + first_step * step * gates;
    launch_product(below + first_step * step, layer.W, x, steps * B, layer.stream);
    lstm::Arguments arguments;
    arguments.sizes = kSizes;
    arguments.sizes.T = steps;
    arguments.x = x;
    arguments.R = layer.R;
    arguments.bias = layer.bias;
    arguments.h = layer.h + first_step * step;
    const int from = chunk % 2;
    arguments.h0 = layer.h_state[from];
    arguments.hT = layer.h_state[1 - from];
    arguments.c0 = layer.c_state[from];
    arguments.cT = layer.c_state[1 - from];
    check(lstm::launch(arguments, layer.stream), "launching a layer");
}

// Everything on the layers' streams: a chunk waits for the one before it, by its stream, and for that of the layer
// below.
void launch_all(std::vector<Layer>& layers, const Half* input, int chunk_steps) {
    const int chunks = (T + chunk_steps - 1) / chunk_steps;
    for (int front = 0; front < chunks + kLayers - 1; ++front) {
        // From the top: the newest chunk of the layer below is then still the one that is waited for.
        for (int l = std::min(front, kLayers - 1); l >= std::max(0, front - chunks + 1); --l) {
            const int chunk = front - l, first_step = chunk * chunk_steps;
            if (l > 0) {
                check(cudaStreamWaitEvent(layers[l].stream, layers[l - 1].done, 0), "waiting");
            }
            launch_chunk(layers[l], l == 0 ? input : layers[l - 1].h, chunk, first_step,
                         std::min(chunk_steps, T - first_step));
            check(cudaEventRecord(layers[l].done, layers[l].stream), "recording");
        }
    }
}

// First states are zero at every replay. The streams of the layers branch off from `origin` and come back to it.
cudaGraphExec_t capture(std::vector<Layer>& layers, const Half* input, int chunk_steps, cudaStream_t origin) {
    cudaEvent_t begun;
    check(cudaEventCreateWithFlags(&begun, cudaEventDisableTiming), "making an event");
    check(cudaStreamBeginCapture(origin, cudaStreamCaptureModeThreadLocal), "beginning a capture");
    for (Layer& layer : layers) {
        check(cudaMemsetAsync(layer.h_state[0], 0, step * sizeof(Half), origin), "clearing h");
        check(cudaMemsetAsync(layer.c_state[0], 0, step * sizeof(float), origin), "clearing c");
    }
    check(cudaEventRecord(begun, origin), "recording");
    for (Layer& layer : layers) {
        check(cudaStreamWaitEvent(layer.stream, begun, 0), "branching off");
    }
    launch_all(layers, input, chunk_steps);
    for (Layer& layer : layers) {
        check(cudaStreamWaitEvent(origin, layer.done, 0), "coming back");
    }
    cudaGraph_t graph;
    cudaGraphExec_t executable;
    check(cudaStreamEndCapture(origin, &graph), "ending a capture");
    check(cudaGraphInstantiate(&executable, graph, 0), "making a graph");
    check(cudaGraphDestroy(graph), "freeing a graph");
    check(cudaEventDestroy(begun), "freeing an event");
    return executable;
}

float milliseconds(cudaGraphExec_t graph, cudaStream_t stream) {
    constexpr int kReplays = 10;
    cudaEvent_t begin, end;
    check(cudaEventCreate(&begin), "making an event");
    check(cudaEventCreate(&end), "making an event");
    check(cudaGraphLaunch(graph, stream), "launching a graph");  // the first time is not typical
    check(cudaEventRecord(begin, stream), "recording");
    for (int i = 0; i < kReplays; ++i) {
        check(cudaGraphLaunch(graph, stream), "launching a graph");
    }
    check(cudaEventRecord(end, stream), "recording");
    check(cudaEventSynchronize(end), "running a graph");
    float total = 0;
    check(cudaEventElapsedTime(&total, begin, end), "timing");
    check(cudaEventDestroy(begin), "freeing an event");
    check(cudaEventDestroy(end), "freeing an event");
    return total / kReplays;
}

// h of the last layer.
std::vector<unsigned short> result(const std::vector<Layer>& layers) {
    std::vector<unsigned short> bits(T * step);
    check(cudaMemcpy(bits.data(), layers.back().h, bits.size() * sizeof(Half), cudaMemcpyDeviceToHost), "reading h");
    return bits;
}

}  // namespace

int main() {
    std::printf("lstm T=%d B=%d N=%d D=%d: %s\n", T, B, kSizes.N, kSizes.D, lstm::rows[0].config);
    int gpus = 0;
    if (cudaGetDeviceCount(&gpus) != cudaSuccess || gpus == 0) {
        std::printf("there is no GPU here to run %d layers on\n", kLayers);
        return 0;
    }
    cudaStream_t origin;
    check(cudaStreamCreateWithFlags(&origin, cudaStreamNonBlocking), "making a stream");
    std::vector<Layer> layers;
    for (unsigned i = 0; i < kLayers; ++i) {
        layers.push_back(make_layer(10 * i));
    }
    const Half* const input = random_values(T * step, 2, 99);
    check(cudaDeviceSynchronize(), "filling memory");  // other streams do not wait for it
    launch_all(layers, input, T);                      // what is loaded at a first launch is so before a capture
    check(cudaDeviceSynchronize(), "running the layers");

    std::vector<unsigned short> expected;
    bool same = true;
    for (int chunk_steps = T; chunk_steps >= 8; chunk_steps /= 2) {
        const cudaGraphExec_t graph = capture(layers, input, chunk_steps, origin);
        check(cudaMemsetAsync(layers.back().h, 0, T * step * sizeof(Half), origin), "clearing h");
        const float time = milliseconds(graph, origin);
        const std::vector<unsigned short> h = result(layers);
        expected = expected.empty() ? h : expected;
        same = same && h == expected;
        std::printf("chunks of %5d steps: %9.3f ms%s%s\n", chunk_steps, time,
                    chunk_steps == T ? ", layer after layer" : "", h == expected ? "" : ", WRONG");
        check(cudaGraphExecDestroy(graph), "freeing a graph");
    }
    return same ? 0 : 1;
}
