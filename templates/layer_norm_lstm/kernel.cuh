// Long short-term memory with layer normalisation (Ba et al. 2016, arXiv 1607.06450, equations 20 to 22), gates i, f,
// g, o. x is W x, normalised, with its gain and bias. w: gains of R h of each gate, gain and bias of c.
#pragma once

#include "recurrent/kernel.cuh"

struct LayerNormLstm {
    static constexpr int gates = 4, states = 2, parameters = 6;  // h, c
    static constexpr bool normalises = true, normalises_between = true;
    template <class S>
    __device__ static constexpr S between(const S* x, const S* r, const S* state, const S* w) {
        S input = sigmoid(x[0] + w[0] * r[0]), forget = sigmoid(x[1] + w[1] * r[1]);
        return forget * state[1] + input * tanh(x[2] + w[2] * r[2]);
    }
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state, const S* w) {
        state[1] = between(x, r, state, w);
        return state[0] = sigmoid(x[3] + w[3] * r[3]) * tanh(w[4] * r[4] + w[5]);
    }
};
