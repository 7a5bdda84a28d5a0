// Leaky integrator units with a time constant of their own (Yamashita and Tani 2008, multiple timescale RNN): u = (1 -
// w) u
// + w (x + R h + bias), h = tanh(u), w being 1 over the time constant.
#pragma once

#include "recurrent/kernel.cuh"

struct Leaky {
    static constexpr int gates = 1, states = 2, parameters = 1;  // h, u
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state, const S* w) {
        state[1] = state[1] + w[0] * (x[0] + r[0] - state[1]);
        return state[0] = tanh(state[1]);
    }
};
