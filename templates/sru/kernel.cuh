// Simple recurrent unit (Lei et al. 2018, arXiv 1709.02755), gates f, r; w: what they see of c. Behind the gates x has
// the candidate and what the highway passes on.
#pragma once

#include "recurrent/kernel.cuh"

struct Sru {
    static constexpr int gates = 2, states = 2, parameters = 2, inputs = 4;  // h, c
    static constexpr bool product = false;
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state, const S* w) {
        S forget = sigmoid(x[0] + r[0] + w[0] * state[1]), reset = sigmoid(x[1] + r[1] + w[1] * state[1]);
        state[1] = x[2] + forget * (state[1] - x[2]);
        return state[0] = x[3] + reset * (state[1] - x[3]);
    }
};
