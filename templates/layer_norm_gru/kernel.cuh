// Gated recurrent unit with layer normalisation (Ba et al. 2016, arXiv 1607.06450), the reset after the product, gates
// r, z, n. x is W x, normalised, with its gain and bias. w: gains of R h of each gate, and what is added to n's.
#pragma once

#include "recurrent/kernel.cuh"

struct LayerNormGru {
    static constexpr int gates = 3, states = 1, parameters = 4;  // h
    static constexpr bool normalises = true;
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state, const S* w) {
        S reset = sigmoid(x[0] + w[0] * r[0]), update = sigmoid(x[1] + w[1] * r[1]);
        S candidate = tanh(x[2] + reset * (w[2] * r[2] + w[3]));
        return state[0] = candidate + update * (state[0] - candidate);
    }
};
