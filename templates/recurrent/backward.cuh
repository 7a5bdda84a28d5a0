// The backward pass of a recurrence, as the skeletons run it, from the last step to the first:
//
//   dh_(t-1), dx_t, dr_t = transposed derivative of the cell at (x_t, r_t, states_(t-1)), applied to dh_t and the
//   gradients of the further states, where dh_t is what comes from outside and from the cell of step t+1 plus
//   R^T dr_(t+1).
//
// Layouts: x, p, dx, dr [T,B,N,G,D], w [N,P,D], h, dh [T,B,N,D], states and their gradients [B,N,D], dw [B,N,P,D]. p is
// what the forward pass kept for training. Of a cell that uses x and the product in their sum alone x is not read, and
// dx, which is dr too, is all that is written.
#pragma once

#include "recurrent/adjoint.cuh"
#include "recurrent/cell.cuh"
#include "recurrent/rows_ahead.cuh"
#include "recurrent/units.cuh"

template <class Element>
struct BackwardTensors {
    const Element *x, *p, *R, *w, *h0, *h, *dh, *dhT;
    Element *dx, *dr, *dh0;
    float* dw;
    // f32; of each state after h in turn: first value, those of all steps, gradient of the last value, gradient of the first.
    void* const* states;
    int T, B, N;
};

template <class Cell, class Element, int D>
struct BackwardPass {
    static constexpr int G = Cell::gates, S = Cell::states, P = kParameters<Cell>, W = kUnits<Element>;
    static constexpr int rows = 1, columns = G;
    static constexpr bool transposed = true, reversed = true;
    static constexpr bool kSummed = sums_every_gate<Cell>();
    static constexpr bool kReadsH = kTrace<Cell>.trace.uses(kTrace<Cell>.trace.input(Operation::state, 0)) > 0;
    static constexpr int kStates = 4;  // tensors per state after h
    static constexpr int kFurther = kStates * (S - 1) + (P > 0 ? 2 : 0) + (kSummed ? 0 : 2);
    using Type = Element;
    using Value = Number<Element>;
    using Tensors = BackwardTensors<Element>;

    struct Fixed {
        Value w[W][kParameterRoom<Cell>];
    };
    struct Input {  // p, x, the states before the step, h first, and what comes from outside
        Word<Element> p[G], x[kSummed ? 1 : G], h, dh;
        float state[S][W];
    };
    struct Held {  // gradients of the states, but for what the product adds, and of the parameters
        Value gradient[W][S];
        float dw[kParameterRoom<Cell>][W];
    };
    struct Output {
        Word<Element> dx[G], dr[kSummed ? 1 : G];
    };

    // What a block brings into L2 ahead of its use. The states before the first step lie elsewhere.
    template <int Threads, int Batch>
    struct Ahead {
        RowsAhead<Element, Threads, Batch, G * D> gates[kSummed ? 1 : 2];
        RowsAhead<Element, Threads, Batch, D> units[kReadsH ? 2 : 1];
        RowsAhead<float, Threads, Batch, D> states[S > 1 ? S - 1 : 1];

        __device__ Ahead(const Tensors& in, const Walk& walk) {
            const Walk before = step_before(walk);
            gates[0].start(in.p, walk);
            units[0].start(in.dh, walk);
            if constexpr (!kSummed) {
                gates[1].start(in.x, walk);
            }
            if constexpr (kReadsH) {
                units[1].start(in.h, before);
            }
#pragma unroll
            for (int s = 1; s < S; ++s) {
                states[s - 1].start(state(in, s, 1), before);
            }
        }

        __device__ void next(const Walk& walk, int t) {
            const Walk before = step_before(walk);
            gates[0].next(walk, t);
            units[0].next(walk, t);
            if constexpr (!kSummed) {
                gates[1].next(walk, t);
            }
            if constexpr (kReadsH) {
                units[1].next(before, t);
            }
#pragma unroll
            for (int s = 1; s < S; ++s) {
                states[s - 1].next(before, t);
            }
        }

        __device__ static Walk step_before(const Walk& walk) {
            return {walk.first + walk.advance, walk.advance, walk.steps - 1, walk.sequences, walk.N};
        }
    };

    __device__ static void read_fixed(Fixed& fixed, const Tensors& in, int n, int unit) {
#pragma unroll
        for (int i = 0; i < P; ++i) {
            float values[W];
            unpack_word<Element>(values, load_word<Element, D>(in.w + (n * P + i) * D, unit, true));
#pragma unroll
            for (int e = 0; e < W; ++e) {
                fixed.w[e][i] = values[e];
            }
        }
    }

    __device__ static float bias(const Fixed&, int, int) { return 0.0f; }

    __device__ static Word<Element> first(const Tensors&, Where, int) { return 0; }

    __device__ static void read_first(Held& held, const Tensors& in, Where at) {
        float values[W];
        unpack_word<Element>(values, load_word<Element, D>(row_of<D>(in.dhT, at.row), at.unit, at.inside));
#pragma unroll
        for (int s = 0; s < S; ++s) {
            if (s > 0) {
                load_floats<D>(values, row_of<D>(state(in, s, 2), at.row), at.unit, at.inside);
            }
#pragma unroll
            for (int e = 0; e < W; ++e) {
                held.gradient[e][s] = values[e];
            }
        }
#pragma unroll
        for (int i = 0; i < P * W; ++i) {
            held.dw[i / W][i % W] = 0.0f;
        }
    }

    __device__ static void load(Input& input, const Tensors& in, Where at) {
#pragma unroll
        for (int g = 0; g < G; ++g) {
            input.p[g] = load_word<Element, D>(row_of<G * D>(in.p, at.row) + g * D, at.unit, at.inside);
            if constexpr (!kSummed) {
                input.x[g] = load_word<Element, D>(row_of<G * D>(in.x, at.row) + g * D, at.unit, at.inside);
            }
        }
        input.dh = load_word<Element, D>(row_of<D>(in.dh, at.row), at.unit, at.inside);
        const int before = at.row - in.B * in.N;  // the row of the step before
        const Element* h = before >= 0 ? row_of<D>(in.h, before) : row_of<D>(in.h0, at.row);
        input.h = load_word<Element, D>(h, at.unit, at.inside);
#pragma unroll
        for (int s = 1; s < S; ++s) {
            const float* row = before >= 0 ? row_of<D>(state(in, s, 1), before) : row_of<D>(state(in, s, 0), at.row);
            load_floats<D>(input.state[s], row, at.unit, at.inside);
        }
    }

    __device__ static void fetch(const Tensors& in, Where at) {
#pragma unroll
        for (int g = 0; g < G; ++g) {
            prefetch_l2(row_of<G * D>(in.p, at.row) + g * D + at.unit);
            if constexpr (!kSummed) {
                prefetch_l2(row_of<G * D>(in.x, at.row) + g * D + at.unit);
            }
        }
        prefetch_l2(row_of<D>(in.dh, at.row) + at.unit);
        const int before = at.row - in.B * in.N;
        if (before >= 0) {
            prefetch_l2(row_of<D>(in.h, before) + at.unit);
#pragma unroll
            for (int s = 1; s < S; ++s) {
                prefetch_l2(row_of<D>(state(in, s, 1), before) + at.unit);
            }
        }
    }

    __device__ static void step(Held& held, Output& out, const Fixed& fixed, const Input& input,
                                const float (&product)[rows][W]) {
        float p[G][W], x[G][W], h[W], dh[W];
#pragma unroll
        for (int g = 0; g < G; ++g) {
            unpack_word<Element>(p[g], input.p[g]);
            if constexpr (!kSummed) {
                unpack_word<Element>(x[g], input.x[g]);
            }
        }
        unpack_word<Element>(h, input.h);
        unpack_word<Element>(dh, input.dh);
#pragma unroll
        for (int e = 0; e < W; ++e) {
            Value inputs[G], products[G], state[S], dx[G], dr[G], dw[kParameterRoom<Cell>];
#pragma unroll
            for (int g = 0; g < G; ++g) {
                inputs[g] = kSummed ? p[g][e] : x[g][e];
                products[g] = kSummed ? 0.0f : p[g][e];
            }
#pragma unroll
            for (int s = 0; s < S; ++s) {
                state[s] = s == 0 ? h[e] : input.state[s][e];
            }
            held.gradient[e][0] = held.gradient[e][0] + Value(dh[e]) + Value(product[0][e]);
            Adjoint<Cell, Value> cell(inputs, products, state, fixed.w[e]);
            cell.reverse(held.gradient[e], dx, dr, dw);
#pragma unroll
            for (int g = 0; g < G; ++g) {
                x[g][e] = dx[g].value;
                p[g][e] = dr[g].value;
            }
#pragma unroll
            for (int i = 0; i < P; ++i) {
                held.dw[i][e] += dw[i].value;
            }
        }
#pragma unroll
        for (int g = 0; g < G; ++g) {
            out.dx[g] = pack_word<Element>(x[g]);
            if constexpr (!kSummed) {
                out.dr[g] = pack_word<Element>(p[g]);
            }
        }
    }

    __device__ static Word<Element> published(const Output& out, int gate) { return kSummed ? out.dx[gate] : out.dr[gate]; }

    __device__ static Element* exchanged(const Tensors& in) { return kSummed ? in.dx : in.dr; }
    __device__ static const Element* first_exchanged(const Tensors&) { return nullptr; }

    template <bool Exchanged = true>
    __device__ static void store(const Output& out, const Held&, const Tensors& in, Where at) {
#pragma unroll
        for (int g = 0; g < G; ++g) {
            if constexpr (Exchanged || !kSummed) {
                store_word<Element, D>(row_of<G * D>(in.dx, at.row) + g * D, at.unit, out.dx[g], at.inside);
            }
            if constexpr (Exchanged && !kSummed) {
                store_word<Element, D>(row_of<G * D>(in.dr, at.row) + g * D, at.unit, out.dr[g], at.inside);
            }
        }
    }

    // product: R^T dr of the first step.
    __device__ static void write_last(const Held& held, const float (&product)[rows][W], const Tensors& in, Where at) {
        float values[W];
#pragma unroll
        for (int e = 0; e < W; ++e) {
            values[e] = held.gradient[e][0].value + product[0][e];
        }
        store_word<Element, D>(row_of<D>(in.dh0, at.row), at.unit, pack_word<Element>(values), at.inside);
#pragma unroll
        for (int s = 1; s < S; ++s) {
#pragma unroll
            for (int e = 0; e < W; ++e) {
                values[e] = held.gradient[e][s].value;
            }
            store_floats<D>(row_of<D>(state(in, s, 3), at.row), at.unit, values, at.inside);
        }
#pragma unroll
        for (int i = 0; i < P; ++i) {
            store_floats<D>(in.dw + (static_cast<long long>(at.row) * P + i) * D, at.unit, held.dw[i], at.inside);
        }
    }

  private:
    __device__ static float* state(const Tensors& in, int s, int which) {
        return static_cast<float*>(in.states[kStates * (s - 1) + which]);
    }
};
