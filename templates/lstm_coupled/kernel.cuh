// LSTM whose input gate is what the forget gate leaves (Greff et al., LSTM: A Search Space Odyssey, 2017, CIFG): gates
// f, g, o.
#pragma once

#include "recurrent/kernel.cuh"

struct LstmCoupled {
    static constexpr int gates = 3, states = 2;  // h, c
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        S forget = sigmoid(x[0] + r[0]), candidate = tanh(x[1] + r[1]);
        state[1] = candidate + forget * (state[1] - candidate);
        return state[0] = sigmoid(x[2] + r[2]) * tanh(state[1]);
    }
};
