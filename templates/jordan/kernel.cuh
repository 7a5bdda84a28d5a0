// Jordan network (Jordan 1986): R sees the outputs, not the hidden units. The output of a unit is y = sigmoid(w0 a +
// w1) of its activation a = tanh(x + R y + bias). An output layer that mixes units is a product of its own: where it is
// linear, it belongs into R.
#pragma once

#include "recurrent/kernel.cuh"

struct Jordan {
    static constexpr int gates = 1, states = 1, parameters = 2;  // h, which is y
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state, const S* w) {
        return state[0] = sigmoid(w[0] * tanh(x[0] + r[0]) + w[1]);
    }
};
