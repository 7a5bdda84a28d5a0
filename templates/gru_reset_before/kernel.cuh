// Gated recurrent unit with the reset before the product (Cho et al. 2014, arXiv 1406.1078v3), gates r, z, n. The
// candidate's product takes in the reset h.
#pragma once

#include "recurrent/kernel.cuh"

struct GruResetBefore {
    static constexpr int gates = 3, states = 1, first_gates = 2;  // h
    template <class S>
    __device__ static constexpr S between(const S* x, const S* r, const S* state) {
        return sigmoid(x[0] + r[0]) * state[0];
    }
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        S update = sigmoid(x[1] + r[1]), candidate = tanh(x[2] + r[2]);
        return state[0] = candidate + update * (state[0] - candidate);
    }
};
