// The passes of cells whose h is projected (Sak et al. 2014, arXiv 1402.1128): of what the D units return, u, a product
// makes the H values of h, which R and whoever comes next take in:
//   u_t = cell(x_t, R h_(t-1) + bias),   h_t = P u_t.
//
// Layouts: R [N,G,D,H], projection P [N,H,D], h0 and hT [B,N,H], h [T,B,N,H], u [T,B,N,D], or uT [B,N,D] where it is
// not kept. On the way back dh [T,B,N,H] is what comes from outside, and dh_total, the same shape, all of the gradient
// of h_t: what P's own gradient is made of. The rest is as in forward.cuh and backward.cuh.
//
// A step has two parts, each a pass with one product of its own: of units and of h forward, the other way round on the
// way back.
#pragma once

#include "recurrent/two_product_passes.cuh"

// A cell that is as another one, but that h is projected.
template <class Cell>
struct WithProjection : Cell {
    static constexpr bool projects = true;
};

template <class Cell, class Element, int D, int H, RecurrentMode M, Keep K>
struct ProjectedUnitsForward : ForwardPass<Cell, Element, D, M, K, true> {
    using Base = ForwardPass<Cell, Element, D, M, K, true>;
    using Base::G, Base::S, Base::W, Base::kSaves;
    using typename Base::Fixed, typename Base::Held, typename Base::Input, typename Base::Output,
        typename Base::Tensors, typename Base::Value;
    static_assert(!kStepReadsH<Cell>, "the step of a cell whose h is projected does not read state[0]");
    static constexpr int kTaken = H;
    struct Between {};

    __device__ static const Element* weights(const Tensors& in) { return in.R; }

    template <int>
    __device__ static auto taken_in(const Tensors& in, int b, int n, int t) {
        if constexpr (Base::packed) {
            return PackedTakenIn<Base, H>{in, in.h, in.h0, b, n, t - 1};
        } else {
            return t == 0 ? taken_of_states<H>(in, in.h0, b, n) : taken_of_steps<Base, H>(in, in.h, b, n, t - 1);
        }
    }

    // Beyond a sequence's end u is zero.
    __device__ static void step(Held& held, Output& out, const Fixed& fixed, const Input& input,
                                const float (&sums)[G][W], int t) {
#pragma unroll
        for (int e = 0; e < W; ++e) {
            held.state[e][0] = Value(0.0f);
        }
        Base::step(held, out, fixed, input, sums, t);
    }

    template <bool Exchanged = true>
    __device__ static void store(const Output& out, const Held& held, const Tensors& in, Where at) {
        Base::store(out, held, in, at);
        if constexpr (Base::packed) {
            at = in_rows(in, at);
        }
        store_word<Element, D>(row_of<D>(in.u, kSaves ? at.row : at.state), at.unit, out.h, at.inside);
    }
};

template <class Cell, class Element, int D, int H, RecurrentMode M, Keep K>
struct ProjectionForward {
    using Units = ForwardPass<Cell, Element, D, M, K, true>;
    using Type = Element;
    using Tensors = typename Units::Tensors;
    static constexpr int G = 1, kFirst = 1, W = kUnits<Element>;
    static constexpr int rows = 1, columns = 1, kTaken = D;
    static constexpr bool transposed = false, reversed = Units::reversed, closes = false;
    static constexpr bool packed = Units::packed, batch_first = Units::batch_first;

    struct Fixed {};
    struct Input {};
    struct Between {};
    struct Held {
        Word<Element> h;
        int length;
    };
    struct Output {
        Word<Element> h;
    };

    __device__ static const Element* weights(const Tensors& in) { return in.projection; }
    __device__ static float bias(const Fixed&, int, int) { return 0.0f; }
    __device__ static void read_fixed(Fixed&, const Tensors&, int, int) {}
    __device__ static void load(Input&, const Tensors&, Where) {}
    __device__ static void fetch(const Tensors&, Where) {}

    template <int>
    __device__ static auto taken_in(const Tensors& in, int b, int n, int t) {
        if constexpr (packed) {
            return PackedTakenIn<Units, D>{in, Units::kSaves ? in.u : nullptr, Units::kSaves ? nullptr : in.u, b, n, t};
        } else {
            return Units::kSaves ? taken_of_steps<Units, D>(in, in.u, b, n, t) : taken_of_states<D>(in, in.u, b, n);
        }
    }

    template <bool Again>
    __device__ static void read_held(Held& held, const Tensors& in, Where at) {
        held.length = steps_of_sequence<ProjectionForward, M.lengths != 0>(in, at);
        held.h = load_word<Element, H>(row_of<H>(Again ? in.hT : in.h0, at.state), at.unit, at.inside);
    }

    __device__ static void step(Held& held, Output& out, const Fixed&, const Input&, const float (&sums)[1][W], int t) {
        if (M.lengths == 0 || t < held.length) {
            held.h = pack_word<Element>(sums[0]);
        }
        out.h = held.h;
    }

    __device__ static void store(const Output& out, const Held&, const Tensors& in, Where at) {
        if constexpr (packed) {
            at = in_rows(in, at);
        }
        store_word<Element, H>(row_of<H>(in.h, at.row), at.unit, out.h, at.inside);
    }

    __device__ static void write_last(const Held& held, const float (&)[1][W], const Tensors& in, Where at) {
        store_word<Element, H>(row_of<H>(in.hT, at.state), at.unit, held.h, at.inside);
    }
};

// The gradient of h: what comes from outside and from the steps behind, R^T dr.
template <class Cell, class Element, int D, int H, RecurrentMode M>
struct ProjectionBackward {
    using Units = BackwardPass<Cell, Element, D, M, true>;
    using Type = Element;
    using Tensors = typename Units::Tensors;
    static constexpr int G = Units::G, kFirst = G, W = kUnits<Element>;
    static constexpr int rows = 1, columns = G, kTaken = D;
    static constexpr bool transposed = true, reversed = Units::reversed, closes = true;
    static constexpr bool packed = Units::packed, batch_first = Units::batch_first, resets = Units::resets;

    struct Fixed {};
    struct Between {};
    struct Input : StepResets<resets, 1> {  // of the step taken before, of which the product is
        Word<Element> dh;
    };
    struct Held {
        float gradient[W];  // but for what comes from outside and the product adds
        int length;
    };
    struct Output {
        Word<Element> dh;
    };

    __device__ static const Element* weights(const Tensors& in) { return in.R; }
    __device__ static float bias(const Fixed&, int, int) { return 0.0f; }
    __device__ static void read_fixed(Fixed&, const Tensors&, int, int) {}

    template <int>
    __device__ static auto taken_in(const Tensors& in, int b, int n, int t) {
        if constexpr (packed) {
            return PackedTakenIn<Units, G * D>{in, Units::exchanged(in), nullptr, b, n, t - 1};
        } else {
            return t == 0 ? TakenIn<Element>{} : taken_of_steps<Units, G * D>(in, Units::exchanged(in), b, n, t - 1);
        }
    }

    template <bool Again>
    __device__ static void read_held(Held& held, const Tensors& in, Where at) {
        held.length = steps_of_sequence<ProjectionBackward, M.lengths != 0>(in, at);
        unpack_word<Element>(held.gradient,
                             load_word<Element, H>(row_of<H>(Again ? in.dh0 : in.dhT, at.state), at.unit, at.inside));
    }

    __device__ static void load(Input& input, const Tensors& in, Where at) {
        if constexpr (packed) {
            at = in_rows(in, at);
        }
        input.dh = load_word<Element, H>(row_of<H>(in.dh, at.row), at.unit, at.inside);
        if constexpr (resets) {
            input.reset[0] = reset_before<ProjectionBackward>(in, at);
        }
    }

    __device__ static void fetch(const Tensors& in, Where at) {
        if constexpr (packed) {
            at = in_rows(in, at);
        }
        if (at.inside) {
            prefetch_l2(row_of<H>(in.dh, at.row) + at.unit);
        }
    }

    __device__ static void step(Held& held, Output& out, const Fixed&, const Input& input, const float (&product)[1][W],
                                int t) {
        bool cut = false;
        if constexpr (resets) {
            cut = input.reset[0] != 0;
        }
        const bool inside = M.lengths == 0 || t < held.length;
        float dh[W], total[W];
        unpack_word<Element>(dh, input.dh);
#pragma unroll
        for (int e = 0; e < W; ++e) {
            const float sum = with_product(held, product, e, cut) + dh[e];
            total[e] = inside ? sum : 0.0f;
            held.gradient[e] = inside ? 0.0f : sum;
        }
        out.dh = pack_word<Element>(total);
    }

    __device__ static void store(const Output& out, const Held&, const Tensors& in, Where at) {
        if constexpr (packed) {
            at = in_rows(in, at);
        }
        store_word<Element, H>(row_of<H>(in.dh_total, at.row), at.unit, out.dh, at.inside);
    }

    // product: R^T dr of the first step.
    __device__ static void write_last(const Held& held, const float (&product)[1][W], const Tensors& in, Where at) {
        bool cut = false;
        if constexpr (resets) {
            cut = reset_at_last<ProjectionBackward>(in, at) != 0;
        }
        float values[W];
#pragma unroll
        for (int e = 0; e < W; ++e) {
            values[e] = with_product(held, product, e, cut);
        }
        store_word<Element, H>(row_of<H>(in.dh0, at.state), at.unit, pack_word<Element>(values), at.inside);
    }

  private:
    __device__ static float with_product(const Held& held, const float (&product)[1][W], int e, bool cut) {
        return held.gradient[e] + (cut ? 0.0f : through_product<M.recurrent_gradient>(product[0][e]));
    }
};

// The gradient of u is P^T dh_total.
template <class Cell, class Element, int D, int H, RecurrentMode M>
struct ProjectedUnitsBackward : BackwardPass<Cell, Element, D, M, true> {
    using Base = BackwardPass<Cell, Element, D, M, true>;
    using typename Base::Tensors;
    static constexpr int G = 1, kFirst = 1, rows = 1, columns = 1, kTaken = H;  // of the product
    static constexpr bool closes = false;
    struct Between {};

    __device__ static const Element* weights(const Tensors& in) { return in.projection; }

    template <int>
    __device__ static auto taken_in(const Tensors& in, int b, int n, int t) {
        if constexpr (Base::packed) {
            return PackedTakenIn<Base, H>{in, in.dh_total, nullptr, b, n, t};
        } else {
            return taken_of_steps<Base, H>(in, in.dh_total, b, n, t);
        }
    }
};
