// Minimal gated unit (Zhou et al. 2016, arXiv 1603.09420), its gate behind the product: f decides what is forgotten and
// what the candidate sees of the past. All that Warpsmith needs to know of a cell; the backward pass follows from it.
#pragma once

#include "recurrent/kernel.cuh"

struct Mgu {
    static constexpr int gates = 2, states = 1;  // f and the candidate; h
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        S forget = sigmoid(x[0] + r[0]);
        S candidate = tanh(x[1] + forget * r[1]);
        return state[0] = state[0] + forget * (candidate - state[0]);
    }
};
