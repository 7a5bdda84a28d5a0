// Functions of f32 values: the hardware's approximations, and numbers that know how exactly they must be computed.
#pragma once

#include "common/types.cuh"

__device__ inline float infinity() {
    return __int_as_float(0x7f800000);
}

// 2^x with a relative error of at most 2^-22 (PTX ISA, ex2.approx).
__device__ inline float exp2_approx(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// 1/x within one unit in the last place (PTX ISA, rcp.approx).
__device__ inline float reciprocal_approx(float x) {
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// Largest relative error 2^-11 (PTX ISA, tanh.approx): enough where the result is rounded to the 8 bits of bf16.
__device__ inline float tanh_approx(float x) {
    float y;
    asm("tanh.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// An f32 value on behalf of a tensor of type T: its functions are as exact as T can show and no slower.
template <class T>
struct Number {
    float value;

    Number() = default;
    __device__ Number(float v) : value(v) {}

    friend __device__ Number operator+(Number a, Number b) { return a.value + b.value; }
    friend __device__ Number operator-(Number a, Number b) { return a.value - b.value; }
    friend __device__ Number operator*(Number a, Number b) { return a.value * b.value; }
    friend __device__ Number operator-(Number a) { return -a.value; }
    friend __device__ bool operator==(Number a, Number b) { return a.value == b.value; }
    friend __device__ bool operator>(Number a, Number b) { return a.value > b.value; }
    friend __device__ Number select(bool condition, Number a, Number b) { return condition ? a.value : b.value; }
    friend __device__ Number max(Number a, Number b) { return fmaxf(a.value, b.value); }
    friend __device__ Number min(Number a, Number b) { return fminf(a.value, b.value); }

    friend __device__ Number operator/(Number a, Number b) {
        if constexpr (sizeof(T) == sizeof(float)) {
            return a.value / b.value;
        } else {
            return a.value * reciprocal_approx(b.value);
        }
    }

    friend __device__ Number exp(Number a) {
        if constexpr (sizeof(T) == sizeof(float)) {
            return expf(a.value);
        } else {
            return exp2_approx(a.value * 1.4426950408889634f);
        }
    }

    friend __device__ Number tanh(Number a) {
        if constexpr (sizeof(T) == sizeof(float)) {
            return tanhf(a.value);
        } else if constexpr (is_same<T, bf16>) {
            return tanh_approx(a.value);
        } else {
            return Number(1.0f) - Number(2.0f) / (Number(1.0f) + exp(a + a));
        }
    }

    friend __device__ Number sigmoid(Number a) {
        if constexpr (is_same<T, bf16>) {
            return fmaf(tanh_approx(0.5f * a.value), 0.5f, 0.5f);
        } else {
            return Number(1.0f) / (Number(1.0f) + exp(-a));
        }
    }

    // The slope of sigmoid at a, where it is y. In f32 1 - y would have few digits where y is nearly one: it is made of
    // a.
    friend __device__ Number sigmoid_slope(Number a, Number y) {
        const Number rest = Number(1.0f) - y;
        if constexpr (sizeof(T) == sizeof(float)) {
            return y * select(a > Number(0.0f), exp(-a) * y, rest);
        } else {
            return y * rest;
        }
    }

    friend __device__ Number sqrt(Number a) { return sqrtf(a.value); }

    // log(1 / (1 + exp(-a))) without overflow for large negative a.
    friend __device__ Number log_sigmoid(Number a) { return fminf(a.value, 0.0f) - log1pf(expf(-fabsf(a.value))); }
};
