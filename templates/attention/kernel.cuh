// Attention with an online softmax (Milakov and Gimelshein 2018; Dao 2023, arXiv 2307.08691):
// o = softmax(scale q k^T + mask) v, lse = log of the softmax's denominator.
//
// Layouts: q [B,L,Hq,D], k and v [B,L,Hkv,D], o as q, lse [B,Hq,L] in f32 and natural logarithm. Query head h reads
// key-value head h / (Hq / Hkv). Causal: query i sees keys 0 .. i. Grid (ceil(L / rows of a block), Hq, B).
#pragma once

#include "attention/fma.cuh"
#include "attention/tensor_core.cuh"

template <AttentionConfig C, class T, int D, bool causal>
__global__ void __launch_bounds__(C.warps * 32)
    attention_forward(const T* q, const T* k, const T* v, T* o, float* lse, int L, int Hq, int Hkv, float scale) {
    int head = static_cast<int>(blockIdx.y), sequence = static_cast<int>(blockIdx.z);
    long long query_offset = (static_cast<long long>(sequence) * L * Hq + head) * D;
    long long key_offset = (static_cast<long long>(sequence) * L * Hkv + head / (Hq / Hkv)) * D;
    AttentionTensors<T> tensors{q + query_offset,
                                k + key_offset,
                                v + key_offset,
                                o + query_offset,
                                lse + (static_cast<long long>(sequence) * Hq + head) * L,
                                L,
                                Hq * D,
                                Hkv * D,
                                scale * 1.4426950408889634f};
    if constexpr (is_same<T, float>) {
        attention_fma<C, D, causal>(tensors);
    } else {
        attention_tensor_core<C, T, D, causal>(tensors);
    }
}
