// First-order linear recurrence along time, h_t = a_t h_(t-1) + b_t per channel, in one pass over memory.
//
// Layouts: a, b, h [B,T,D], h0 [B,D]. A block owns lanes * vector channels of one sequence and walks along time in
// tiles of segments * steps. Within a tile every thread reduces its own steps to one affine map; the maps of a channel
// are composed through shared memory (Blelloch 1990, operator (a2 a1, a2 b1 + b2)), then each thread replays its steps.
#pragma once

#include "common/types.cuh"

struct ScanConfig {
    int lanes;     // threads along the channels
    int segments;  // threads along time
    int steps;     // of time per thread and tile
    int vector;    // neighbouring channels per thread
};

// `Count` neighbouring elements, read and written with one instruction.
template <class T, int Count>
struct alignas(sizeof(T) * Count) Vector {
    T element[Count];
};

// h -> a h + b
struct AffineMap {
    float a, b;
};

template <ScanConfig C, class T>
struct ScanTile {
    Vector<T, C.vector> a[C.steps], b[C.steps];
};

// Steps first .. first + steps - 1 in the direction of the scan; steps at or beyond `length` are the identity.
template <ScanConfig C, bool reverse, class T>
__device__ void load_tile(ScanTile<C, T>& tile, const T* a, const T* b, int first, int length, int stride,
                          bool inside) {
    using Word = Vector<T, C.vector>;
#pragma unroll
    for (int i = 0; i < C.steps; ++i) {
        int step = first + i;
        if (inside && step < length) {
            long long offset = static_cast<long long>(reverse ? length - 1 - step : step) * stride;
            tile.a[i] = *reinterpret_cast<const Word*>(a + offset);
            tile.b[i] = *reinterpret_cast<const Word*>(b + offset);
        } else {
#pragma unroll
            for (int v = 0; v < C.vector; ++v) {
                tile.a[i].element[v] = from_float<T>(1.0f);
                tile.b[i].element[v] = from_float<T>(0.0f);
            }
        }
    }
}

template <ScanConfig C, class T>
__device__ void reduce_tile(const ScanTile<C, T>& tile, AffineMap (&map)[C.vector]) {
#pragma unroll
    for (int v = 0; v < C.vector; ++v) {
        map[v] = {1.0f, 0.0f};
    }
#pragma unroll
    for (int i = 0; i < C.steps; ++i) {
#pragma unroll
        for (int v = 0; v < C.vector; ++v) {
            float a = to_float(tile.a[i].element[v]);
            map[v] = {a * map[v].a, fmaf(a, map[v].b, to_float(tile.b[i].element[v]))};
        }
    }
}

template <ScanConfig C, class T, int D, bool reverse>
__global__ void __launch_bounds__(C.lanes* C.segments)
    scan_forward(const T* a, const T* b, const T* h0, T* h, int B, int steps) {
    static_assert(C.lanes * C.segments % 32 == 0 && D % C.vector == 0, "as the space promises");
    constexpr int channels = C.lanes * C.vector;
    __shared__ AffineMap maps[2][C.segments][channels];
    int lane = static_cast<int>(threadIdx.x) % C.lanes, segment = static_cast<int>(threadIdx.x) / C.lanes;
    int channel = static_cast<int>(blockIdx.x) * channels + lane * C.vector;
    int sequence = static_cast<int>(blockIdx.y);
    bool inside = channel < D;
    long long base = inside ? static_cast<long long>(sequence) * steps * D + channel : 0;

    float carry[C.vector];  // h before the tile
#pragma unroll
    for (int v = 0; v < C.vector; ++v) {
        carry[v] = inside ? to_float(h0[static_cast<long long>(sequence) * D + channel + v]) : 0.0f;
    }
    for (int first = 0, half = 0; first < steps; first += C.segments * C.steps, half ^= 1) {
        int own = first + segment * C.steps;
        ScanTile<C, T> tile;
        load_tile<C, reverse>(tile, a + base, b + base, own, steps, D, inside);
        AffineMap map[C.vector];
        reduce_tile(tile, map);
#pragma unroll
        for (int v = 0; v < C.vector; ++v) {
            maps[half][segment][v * C.lanes + lane] = map[v];
        }
        __syncthreads();  // the other half is free by now: every thread is past reading it

        float state[C.vector];
#pragma unroll
        for (int v = 0; v < C.vector; ++v) {
#pragma unroll
            for (int s = 0; s < C.segments; ++s) {
                state[v] = s == segment ? carry[v] : state[v];
                AffineMap before = maps[half][s][v * C.lanes + lane];
                carry[v] = fmaf(before.a, carry[v], before.b);
            }
        }
#pragma unroll
        for (int i = 0; i < C.steps; ++i) {
            Vector<T, C.vector> out;
#pragma unroll
            for (int v = 0; v < C.vector; ++v) {
                state[v] = fmaf(to_float(tile.a[i].element[v]), state[v], to_float(tile.b[i].element[v]));
                out.element[v] = from_float<T>(state[v]);
            }
            int step = own + i;
            if (inside && step < steps) {
                long long offset = base + static_cast<long long>(reverse ? steps - 1 - step : step) * D;
                *reinterpret_cast<Vector<T, C.vector>*>(h + offset) = out;
            }
        }
    }
}
