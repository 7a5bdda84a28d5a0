// Warp matrix products on tensor cores and the loads that feed them (PTX ISA: mma.sync.m16n8k16, m16n8k8, ldmatrix).
//
// Fragments of D[16,8] += A[16,16] * B[16,8], lane l of the warp, r = l / 4, c = 2 * (l % 4); every register holds two
// elements that follow each other along k (along n in D):
//   A: {A[r][c], A[r+8][c], A[r][c+8], A[r+8][c+8]}   B: {B[c][r], B[c+8][r]}   D: {D[r][c], D[r][c+1], D[r+8][c],
//   D[r+8][c+1]}
// Of f32 elements, as TF32, a register holds one: along k a product is half as long, A[16,8] * B[8,8], and where it
// says c and c + 8 above it is l % 4 and l % 4 + 4. 16 bytes of a row are the same registers of the same lanes for
// both.
#pragma once

#include "common/types.cuh"

struct FragmentA {
    unsigned r[4];
};
struct FragmentB {
    unsigned r[2];
};
struct FragmentD {
    float v[4];
};

// Rounded to TF32, ties away from zero.
__device__ inline unsigned round_to_tf32(unsigned bits) {
    unsigned rounded;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(__uint_as_float(bits)));
    return rounded;
}

// A register of a factor as mma<T> takes it in.
template <class T>
__device__ unsigned as_factor(unsigned bits) {
    if constexpr (is_same<T, tf32>) {
        return round_to_tf32(bits);
    } else {
        return bits;
    }
}
template <class T>
__device__ uint4 as_factors(uint4 bits) {
    if constexpr (is_same<T, tf32>) {
        return make_uint4(as_factor<T>(bits.x), as_factor<T>(bits.y), as_factor<T>(bits.z), as_factor<T>(bits.w));
    } else {
        return bits;
    }
}

// The factor in two parts: rounded to TF32, and of the rest what TF32 has of it. Together they have 21 bits of it; what
// is no number is none in the second part.
template <class Fragment>
__device__ void split(Fragment& large, Fragment& small, const Fragment& factor) {
    constexpr unsigned kept = 0xffffe000U;
    constexpr int count = static_cast<int>(sizeof(Fragment) / sizeof(unsigned));
#pragma unroll
    for (int i = 0; i < count; ++i) {
        large.r[i] = (factor.r[i] + 0x1000U) & kept;
        small.r[i] = __float_as_uint(__uint_as_float(factor.r[i]) - __uint_as_float(large.r[i])) & kept;
    }
}

// Of weights that registers keep the compiler would have both parts there, too, if it knew them to be the same in every
// step.
__device__ inline FragmentA seen_anew(FragmentA a) {
#pragma unroll
    for (unsigned& word : a.r) {
        asm volatile("" : "+r"(word));
    }
    return a;
}

// Factors are those of as_factor.
template <class T>
__device__ void mma(FragmentD& d, const FragmentA& a, const FragmentB& b) {
    if constexpr (is_same<T, tf32x3>) {
        FragmentA large_a, small_a;
        FragmentB large_b, small_b;
        split(large_a, small_a, seen_anew(a));
        split(large_b, small_b, b);
        mma<tf32>(d, small_a, large_b);
        mma<tf32>(d, large_a, small_b);
        mma<tf32>(d, large_a, large_b);
    } else if constexpr (is_same<T, tf32>) {
        asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(d.v[0]), "+f"(d.v[1]), "+f"(d.v[2]), "+f"(d.v[3])
            : "r"(a.r[0]), "r"(a.r[1]), "r"(a.r[2]), "r"(a.r[3]), "r"(b.r[0]), "r"(b.r[1]));
    } else if constexpr (is_same<T, bf16>) {
        asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(d.v[0]), "+f"(d.v[1]), "+f"(d.v[2]), "+f"(d.v[3])
            : "r"(a.r[0]), "r"(a.r[1]), "r"(a.r[2]), "r"(a.r[3]), "r"(b.r[0]), "r"(b.r[1]));
    } else {
        asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(d.v[0]), "+f"(d.v[1]), "+f"(d.v[2]), "+f"(d.v[3])
            : "r"(a.r[0]), "r"(a.r[1]), "r"(a.r[2]), "r"(a.r[3]), "r"(b.r[0]), "r"(b.r[1]));
    }
}

__device__ inline unsigned shared_address(const void* pointer) {
    return static_cast<unsigned>(__cvta_generic_to_shared(pointer));
}

// Loads 8x8 matrices of 16-bit elements from shared memory; lane l gives the address of row l % 8 of matrix l / 8, 16
// bytes aligned, and receives elements 2 * (l % 4) and the next one of row l / 4 of each.
__device__ inline void load_matrices(unsigned (&r)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(shared_address(row))
                 : "memory");
}

__device__ inline void load_matrices(unsigned (&r)[2], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];"
                 : "=r"(r[0]), "=r"(r[1])
                 : "r"(shared_address(row))
                 : "memory");
}

// The same, every matrix transposed.
__device__ inline void load_matrices_transposed(unsigned (&r)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(shared_address(row))
                 : "memory");
}
