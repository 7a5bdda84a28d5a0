// LSTM with zoneout (Krueger et al. 2017, arXiv 1606.01305): units keep some of their old states; gates i, f, g, o.
// Behind the gates x has how much of c and of h is taken over from the step: a random mask of 0 and 1 in training, the
// probability of a one at inference.
#pragma once

#include "recurrent/kernel.cuh"

struct LstmZoneout {
    static constexpr int gates = 4, states = 2, inputs = 6;  // h, c
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        S input = sigmoid(x[0] + r[0]), forget = sigmoid(x[1] + r[1]);
        S candidate = tanh(x[2] + r[2]), output = sigmoid(x[3] + r[3]);
        S c = forget * state[1] + input * candidate;
        state[0] = state[0] + x[5] * (output * tanh(c) - state[0]);
        state[1] = state[1] + x[4] * (c - state[1]);
        return state[0];
    }
};
