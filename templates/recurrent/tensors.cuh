// What the recurrent kernels read and write, and where an element of it lies.
#pragma once

#include "common/math.cuh"

template <class Element>
struct RecurrentTensors {
    const Element *x, *R, *bias, *h0;
    Element *h, *hT;
    float* const* states;  // first and last value of each state after h, in turn
    int T, B, N;

    // Offsets of unit 0, for head n.
    template <int G, int D>
    __device__ long long x_offset(int t, int b, int n) const {
        return ((static_cast<long long>(t) * B + b) * N + n) * (G * D);
    }
    template <int D>
    __device__ long long h_offset(int t, int b, int n) const {
        return ((static_cast<long long>(t) * B + b) * N + n) * D;
    }
    template <int D>
    __device__ long long state_offset(int b, int n) const {
        return (static_cast<long long>(b) * N + n) * D;
    }
};
