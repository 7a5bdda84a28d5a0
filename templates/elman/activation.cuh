// What simple recurrent networks put their sums through.
#pragma once

struct TanhActivation {
    template <class S>
    __device__ static constexpr S apply(S x) {
        return tanh(x);
    }
};
struct ReluActivation {
    template <class S>
    __device__ static constexpr S apply(S x) {
        return max(x, S(0.0f));
    }
};
struct IdentityActivation {
    template <class S>
    __device__ static constexpr S apply(S x) {
        return x;
    }
};
