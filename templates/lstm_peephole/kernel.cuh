// LSTM whose gates see the cell state through weights of its own unit (Gers et al., Learning Precise Timing with LSTM
// Recurrent Networks, 2002): gates i, f, g, o; w: of i, f and o.
#pragma once

#include "recurrent/kernel.cuh"

struct LstmPeephole {
    static constexpr int gates = 4, states = 2, parameters = 3;  // h, c
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state, const S* w) {
        S input = sigmoid(x[0] + r[0] + w[0] * state[1]), forget = sigmoid(x[1] + r[1] + w[1] * state[1]);
        state[1] = forget * state[1] + input * tanh(x[2] + r[2]);
        return state[0] = sigmoid(x[3] + r[3] + w[2] * state[1]) * tanh(state[1]);
    }
};
