// Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates as Gers et al. 2000), gates i, f, g, o.
#pragma once

#include "recurrent/kernel.cuh"

// Clip: largest absolute value of the cell state, as cuDNN clips it; 0 for none.
template <int Clip>
struct Lstm {
    static constexpr int gates = 4, states = 2;  // h, c
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        S input = sigmoid(x[0] + r[0]), forget = sigmoid(x[1] + r[1]);
        S candidate = tanh(x[2] + r[2]), output = sigmoid(x[3] + r[3]);
        state[1] = forget * state[1] + input * candidate;
        if constexpr (Clip > 0) {
            state[1] = min(max(state[1], S(-Clip)), S(Clip));
        }
        return state[0] = output * tanh(state[1]);
    }
};
