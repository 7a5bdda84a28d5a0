// Applies an operation to the 32 lanes of a warp at once, written so that the compiler vectorises it.
#pragma once

#include <cstdint>
#include <cstring>

#include "device/emulator/warp.hpp"

// Each handler that loops over lanes is compiled for the processor's baseline and for AVX2 with FMA, and the loader
// picks one: a macro, since an attribute has no other name. Without it a fused multiply-add is a library call per lane.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WARPSMITH_VECTORISED __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define WARPSMITH_VECTORISED
#endif

// Operations are inlined into the vectorised loops, whose instructions a call could not use.
#define WARPSMITH_INLINE [[gnu::always_inline, maybe_unused]] static inline

namespace warpsmith::emulator {

// An operation on one lane is a type with a static `apply`. All lanes are computed, only `lanes` stored: apply must be
// defined for any input.

// Stores `value[l]` for the lanes in `lanes`. T is 16, 32 or 64 bits wide.
template <class T>
[[gnu::always_inline]] inline void store_lanes(T* target, const T* value, std::uint32_t lanes) {
    if (lanes == kAllLanes) {
        std::memcpy(target, value, sizeof(T) * kLanes);
        return;
    }
    for (unsigned l = 0; l < kLanes; ++l) {
        target[l] = (lanes >> l & 1U) != 0 ? value[l] : target[l];
    }
}

template <class Op, class D, class A>
WARPSMITH_VECTORISED void map_one(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    const A* const a = warp.source<A>(instruction.a);
    alignas(64) D value[kLanes];
    for (unsigned l = 0; l < kLanes; ++l) {
        value[l] = Op::apply(a[l]);
    }
    store_lanes(warp.target<D>(instruction.dst), value, lanes);
}

template <class Op, class D, class A, class B>
WARPSMITH_VECTORISED void map_two(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    const A* const a = warp.source<A>(instruction.a);
    const B* const b = warp.source<B>(instruction.b);
    alignas(64) D value[kLanes];
    for (unsigned l = 0; l < kLanes; ++l) {
        value[l] = Op::apply(a[l], b[l]);
    }
    store_lanes(warp.target<D>(instruction.dst), value, lanes);
}

template <class Op, class D, class A, class B, class C>
WARPSMITH_VECTORISED void map_three(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    const A* const a = warp.source<A>(instruction.a);
    const B* const b = warp.source<B>(instruction.b);
    const C* const c = warp.source<C>(instruction.c);
    alignas(64) D value[kLanes];
    for (unsigned l = 0; l < kLanes; ++l) {
        value[l] = Op::apply(a[l], b[l], c[l]);
    }
    store_lanes(warp.target<D>(instruction.dst), value, lanes);
}

// The fourth operand's slot is in Instruction::extra.
template <class Op, class D, class A, class B, class C, class E>
WARPSMITH_VECTORISED void map_four(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    const A* const a = warp.source<A>(instruction.a);
    const B* const b = warp.source<B>(instruction.b);
    const C* const c = warp.source<C>(instruction.c);
    const E* const e = warp.source<E>(instruction.extra);
    alignas(64) D value[kLanes];
    for (unsigned l = 0; l < kLanes; ++l) {
        value[l] = Op::apply(a[l], b[l], c[l], e[l]);
    }
    store_lanes(warp.target<D>(instruction.dst), value, lanes);
}

// Bit l of the result says whether apply(a[l], b[l]) holds.
template <class Op, class T>
WARPSMITH_VECTORISED void compare_lanes(const T* a, const T* b, std::uint32_t& result) {
    alignas(64) std::uint32_t bit[kLanes];
    for (unsigned l = 0; l < kLanes; ++l) {
        bit[l] = Op::apply(a[l], b[l]) ? 1U << l : 0U;
    }
    std::uint32_t mask = 0;
    for (const std::uint32_t one : bit) {
        mask |= one;
    }
    result = mask;
}

}  // namespace warpsmith::emulator
