// Gated recurrent unit with the reset after the product, as cuDNN and PyTorch compute it (Cho et al. 2014, arXiv
// 1406.1078v1), gates r, z, n.
#pragma once

#include "recurrent/kernel.cuh"

struct Gru {
    static constexpr int gates = 3, states = 1;  // h
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        S reset = sigmoid(x[0] + r[0]), update = sigmoid(x[1] + r[1]);
        S candidate = tanh(x[2] + reset * r[2]);
        return state[0] = candidate + update * (state[0] - candidate);
    }
};
