// The passes of cells with two products in a step. Forward, gates before first_gates have a product that takes in h, as
// that of any cell; `between` makes u of it, which the product of the others takes in. On the way back the gradients of
// the others' products come first, then R^T of them, which is the gradient of u, and what `between` makes of that.
#pragma once

#include "recurrent/backward.cuh"
#include "recurrent/forward.cuh"
#include "recurrent/in_turn_fma.cuh"

// How many values a product takes in of each gate, where a pass says so: as many as there are units else.
template <class Pass>
struct OwnTaken {};
template <class Pass>
requires requires {
    Pass::kTaken;
}
struct OwnTaken<Pass> {
    static constexpr int kTaken = Pass::kTaken;
};

// One product of a pass, as what SharedShape and HeadWeights ask of a pass.
template <class Pass, int Number>
struct ProductOf : OwnTaken<Pass> {
    using Type = typename Pass::Type;
    using Tensors = typename Pass::Tensors;
    using Fixed = typename Pass::Fixed;
    static constexpr int G = Pass::G, first_gate = Number == 0 ? 0 : Pass::kFirst,
                         gates = Number == 0 ? Pass::kFirst : Pass::G - Pass::kFirst;
    static constexpr bool transposed = Pass::transposed, reversed = Pass::reversed, batch_first = Pass::batch_first,
                          packed = Pass::packed;
    static constexpr int rows = transposed ? 1 : gates, columns = transposed ? gates : 1;
    static constexpr bool in_tensor_order = true;

    __device__ static const Type* weights(const Tensors& in) {
        if constexpr (requires { Pass::weights(in); }) {
            return Pass::weights(in);
        } else {
            return in.R + static_cast<long long>(first_gate) * Pass::kUnitsOfHead * Pass::kUnitsOfHead;
        }
    }
    __device__ static float bias(const Fixed& fixed, int gate, int e) {
        return Pass::bias(fixed, first_gate + gate, e);
    }
};

// Rows of a tensor [B,N,...] or of step t of one of all steps, `Row` elements each, from sequence b of head n on.
template <int Row, class Tensors, class T>
__device__ TakenIn<T> taken_of_states(const Tensors& in, const T* tensor, int b, int n) {
    return {row_of<Row>(tensor, b * in.N + n), static_cast<long long>(in.N) * Row};
}
template <class Pass, int Row, class T>
__device__ TakenIn<T> taken_of_steps(const typename Pass::Tensors& in, const T* tensor, int b, int n, int t) {
    return {row_of<Row>(tensor, where_of<Pass>(in, b, n, rows_before<Pass>(in, t), 0).row),
            static_cast<long long>(sequence_rows<Pass>(in)) * Row};
}

template <class Cell, class Element, int D, RecurrentMode M, Keep K>
struct TwoProductForwardPass : ForwardPass<Cell, Element, D, M, K> {
    using Base = ForwardPass<Cell, Element, D, M, K>;
    using Base::G, Base::X, Base::S, Base::W, Base::kFirst, Base::kSaves;
    using typename Base::Fixed, typename Base::Held, typename Base::Input, typename Base::Output,
        typename Base::Tensors, typename Base::Value;
    static constexpr int kUnitsOfHead = D;

    struct Between {  // of units, from the first product to the second one
        float sums[kFirst][W];
        Word<Element> u;
    };

    template <int Number>
    __device__ static auto taken_in(const Tensors& in, int b, int n, int t) {
        if constexpr (Base::packed && Number == 0) {
            return PackedTakenIn<Base, D>{in, in.h, in.h0, b, n, t - 1};
        } else if constexpr (Base::packed) {
            return PackedTakenIn<Base, D>{in, kSaves ? in.u : nullptr, kSaves ? nullptr : in.u, b, n, t};
        } else if constexpr (Number == 0) {
            return t == 0 ? taken_of_states<D>(in, in.h0, b, n) : taken_of_steps<Base, D>(in, in.h, b, n, t - 1);
        } else {
            return kSaves ? taken_of_steps<Base, D>(in, in.u, b, n, t) : taken_of_states<D>(in, in.u, b, n);
        }
    }

    __device__ static void first_step(Held& held, Between& between, const Fixed& fixed, const Input& input,
                                      const float (&sums)[kFirst][W], int t) {
        const bool reset = Base::begins_anew(held, input, t);
        float values[X][W], u[W];
#pragma unroll
        for (int i = 0; i < X; ++i) {
            unpack_word<Element>(values[i], input.x[i]);
        }
#pragma unroll
        for (int e = 0; e < W; ++e) {
            Value x[X], r[kFirst], state[S];
#pragma unroll
            for (int i = 0; i < X; ++i) {
                x[i] = values[i][e];
            }
#pragma unroll
            for (int g = 0; g < kFirst; ++g) {
                between.sums[g][e] = sums[g][e];
                r[g] = reset ? fixed.bias[g][e] : sums[g][e];
            }
#pragma unroll
            for (int s = 0; s < S; ++s) {
                state[s] = select(reset, Value(0.0f), held.state[e][s]);
            }
            u[e] = step_cell<BetweenCell<Cell>>(x, r, state, fixed.w[e]).value;
        }
        between.u = pack_word<Element>(u);
    }

    __device__ static void store_between(const Between& between, const Tensors& in, Where at) {
        if constexpr (Base::packed) {
            at = in_rows(in, at);
        }
        store_word<Element, D>(row_of<D>(in.u, kSaves ? at.row : at.state), at.unit, between.u, at.inside);
    }

    __device__ static void second_step(Held& held, Output& out, const Between& between, const Fixed& fixed,
                                       const Input& input, const float (&sums)[G - kFirst][W], int t) {
        float all[G][W];
#pragma unroll
        for (int g = 0; g < G; ++g) {
#pragma unroll
            for (int e = 0; e < W; ++e) {
                all[g][e] = g < kFirst ? between.sums[g % kFirst][e] : sums[g < kFirst ? 0 : g - kFirst][e];
            }
        }
        Base::step(held, out, fixed, input, all, t);
    }
};

template <class Cell, class Element, int D, RecurrentMode M>
struct TwoProductBackwardPass : BackwardPass<Cell, Element, D, M> {
    using Base = BackwardPass<Cell, Element, D, M>;
    using Base::G, Base::X, Base::W, Base::kFirst, Base::kSummed;
    using typename Base::Fixed, typename Base::Held, typename Base::Input, typename Base::Output,
        typename Base::Tensors, typename Base::Value;

    using Between = typename Base::UnitGradients;

    template <int Number>
    __device__ static auto taken_in(const Tensors& in, int b, int n, int t) {
        if constexpr (Base::packed) {
            constexpr int first = Number == 0 ? 0 : kFirst * D;
            return PackedTakenIn<Base, G * D>{in, Base::exchanged(in) + first, nullptr, b, n, t - 1 + Number};
        } else if constexpr (Number == 0) {
            return t == 0 ? TakenIn<Element>{} : taken_of_steps<Base, G * D>(in, Base::exchanged(in), b, n, t - 1);
        } else {
            return taken_of_steps<Base, G * D>(in, Base::exchanged(in) + kFirst * D, b, n, t);
        }
    }

    __device__ static void first_step(Held& held, Between& between, const Fixed& fixed, const Input& input,
                                      const float (&product)[1][W], int t) {
        Base::through_step(held, between, fixed, input, product, t);
    }

    // The gradients of the others' products.
    __device__ static void store_between(const Between& between, const Tensors& in, Where at) {
        if constexpr (Base::packed) {
            at = in_rows(in, at);
        }
        Output out;
        Base::pack_gradients(out, between);
#pragma unroll
        for (int g = kFirst; g < G; ++g) {
            store_word<Element, D>(row_of<G * D>(Base::exchanged(in), at.row) + g * D, at.unit, Base::published(out, g),
                                   at.inside);
        }
    }

    // product: the gradient of u.
    __device__ static void second_step(Held& held, Output& out, Between& between, const Fixed& fixed,
                                       const Input& input, const float (&product)[1][W], int t) {
        const bool reset = Base::begins_anew(held, input, t), inside = M.lengths == 0 || t < held.length;
#pragma unroll
        for (int e = 0; e < W; ++e) {
            Base::through_between(held, between, fixed, input, inside ? product[0][e] : 0.0f, e, reset);
        }
        Base::pack_gradients(out, between);
    }

    // But for what store_between has stored, which other blocks read.
    template <bool Exchanged = true>
    __device__ static void store(const Output& out, const Held&, const Tensors& in, Where at) {
        if constexpr (Base::packed) {
            at = in_rows(in, at);
        }
#pragma unroll
        for (int i = 0; i < X; ++i) {
            if (!kSummed || i < kFirst) {
                store_word<Element, D>(row_of<X * D>(in.dx, at.row) + i * D, at.unit, out.dx[i], at.inside);
            }
        }
        if constexpr (!kSummed) {
#pragma unroll
            for (int g = 0; g < kFirst; ++g) {
                store_word<Element, D>(row_of<G * D>(in.dr, at.row) + g * D, at.unit, out.dr[g], at.inside);
            }
        }
    }
};
