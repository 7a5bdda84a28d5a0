// sLSTM (Beck et al. 2024, arXiv 2405.04517): exponential input gate, stabilised by m, normalised by n; gates i, f, z,
// o.
#pragma once

#include "recurrent/kernel.cuh"

struct Slstm {
    static constexpr int gates = 4, states = 4;  // h, c, n, m
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        S input = x[0] + r[0], forget = log_sigmoid(x[1] + r[1]) + state[3];
        S candidate = tanh(x[2] + r[2]), output = sigmoid(x[3] + r[3]);
        // n = 0 only before the first step: then there is nothing to forget and m starts at the input gate.
        S stabiliser = select(state[2] == S(0.0f), input, max(input, forget));
        input = min(S(1.0f), exp(input - stabiliser));
        forget = min(S(1.0f), exp(forget - stabiliser));
        state[1] = forget * state[1] + input * candidate;
        state[2] = forget * state[2] + input;
        state[3] = stabiliser;
        return state[0] = output * state[1] / state[2];
    }
};
