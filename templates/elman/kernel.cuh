// Simple recurrent network (Elman 1990): h = phi(x + R h + bias), phi chosen by the option "activation".
#pragma once

#include "elman/activation.cuh"
#include "recurrent/kernel.cuh"

template <class Activation>
struct Elman {
    static constexpr int gates = 1, states = 1;  // h
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state) {
        return state[0] = Activation::apply(x[0] + r[0]);
    }
};
