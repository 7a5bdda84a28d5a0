// Element types of tensors and their conversion to and from f32, one element and two at a time.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

using bf16 = __nv_bfloat16;
using f16 = __half;

// Elements of f32 whose products tensor cores compute: of both factors rounded to TF32, or, tf32x3, of two parts of
// each that are, without the product of both smaller ones.
struct tf32 {
    float value;
};
struct tf32x3 {
    float value;
};

// Elements of 16 bytes: what a thread loads at once.
template <class T>
inline constexpr int kPieceOf = 16 / static_cast<int>(sizeof(T));

template <class A, class B>
inline constexpr bool is_same = false;
template <class A>
inline constexpr bool is_same<A, A> = true;

template <bool First, class A, class B>
struct ChoiceOf {
    using Type = A;
};
template <class A, class B>
struct ChoiceOf<false, A, B> {
    using Type = B;
};
template <bool First, class A, class B>
using Choose = typename ChoiceOf<First, A, B>::Type;

// What a kernel computes with: how many products on tensor cores make one of f32 factors; 0: that is not said.
template <class Element, int Terms>
using WithTerms = Choose<Terms == 0, Element, Choose<Terms == 1, tf32, tf32x3>>;

// A tensor that a kernel was given, as one of such elements.
struct Given {
    const void* at;

    template <class Element>
    __device__ operator Element*() const {
        return static_cast<Element*>(const_cast<void*>(at));
    }
};

__device__ inline float to_float(float x) {
    return x;
}
__device__ inline float to_float(bf16 x) {
    return __bfloat162float(x);
}
__device__ inline float to_float(f16 x) {
    return __half2float(x);
}
__device__ inline float to_float(tf32 x) {
    return x.value;
}
__device__ inline float to_float(tf32x3 x) {
    return x.value;
}

template <class T>
__device__ T from_float(float x) {
    if constexpr (is_same<T, bf16>) {
        return __float2bfloat16_rn(x);
    } else if constexpr (is_same<T, f16>) {
        return __float2half_rn(x);
    } else {
        return T{x};
    }
}

// Two 16-bit elements in one register, the first in the low half: the unit of matrix fragments.
template <class T>
__device__ unsigned pack(float low, float high) {
    if constexpr (is_same<T, bf16>) {
        __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
        return reinterpret_cast<unsigned&>(both);
    } else {
        __half2 both = __floats2half2_rn(low, high);
        return reinterpret_cast<unsigned&>(both);
    }
}

template <class T>
__device__ float2 unpack(unsigned both) {
    if constexpr (is_same<T, bf16>) {
        return __bfloat1622float2(reinterpret_cast<__nv_bfloat162&>(both));
    } else {
        return __half22float2(reinterpret_cast<__half2&>(both));
    }
}

__host__ __device__ constexpr int ceil_div(int a, int b) {
    return (a + b - 1) / b;
}
__host__ __device__ constexpr int round_up(int a, int b) {
    return ceil_div(a, b) * b;
}
