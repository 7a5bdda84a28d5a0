// Independently recurrent network (Li et al. 2018, arXiv 1803.04831): h = phi(x + w h + bias), units do not see each
// other.
#pragma once

#include "elman/activation.cuh"
#include "recurrent/kernel.cuh"

template <class Activation>
struct IndRnn {
    static constexpr int gates = 1, states = 1, parameters = 1;  // h
    static constexpr bool product = false;
    template <class S>
    __device__ static constexpr S step(const S* x, const S* r, S* state, const S* w) {
        return state[0] = Activation::apply(x[0] + r[0] + w[0] * state[0]);
    }
};
