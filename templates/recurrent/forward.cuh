// The forward pass of a recurrence, as the skeletons run it: h_t = cell(x_t, R h_(t-1) + bias).
//
// Layouts: x [T,B,N,X,D] with X = G but for cells with further inputs, bias [N,G,D], w [N,P,D], h [T,B,N,D], states
// [B,N,D]. For training it keeps what the backward pass needs: the states after h of every step, [T,B,N,D], and p
// [T,B,N,G,D]: the product R h + bias, or, of a cell that uses x and the product in their sum alone, that sum. Where
// the mode says so, the axes T and B are the other way round.
#pragma once

#include "recurrent/cell.cuh"
#include "recurrent/config.cuh"
#include "recurrent/rows_ahead.cuh"
#include "recurrent/trace.cuh"
#include "recurrent/units.cuh"

template <class Element>
struct ForwardTensors {
    const Element *x, *R, *bias, *w, *h0;
    const int* lengths;  // [B], where there are any
    const int* starts;   // [B+1], where sequences are packed
    const int* resets;   // [T,B], where there are any
    Element *h, *hT, *p;
    float* moments;  // of a cell that normalises, of all steps, for training: normalised_passes.cuh
    Element* u;      // of a cell with two products: what the second one takes in, of all steps or of the last one
    const Element* projection;  // of units to h, where h is not the units' own: projected_passes.cuh
    // f32; of each state after h in turn: first and last value, for training also those of all steps.
    void* const* states;
    int T, B, N;
};

// Projected: h is made of what the cell returns by a pass of its own; here it is neither read nor written.
template <class Cell, class Element, int D, RecurrentMode M, Keep K, bool Projected = false>
struct ForwardPass {
    static constexpr int G = Cell::gates, X = kInputs<Cell>, S = Cell::states, P = kParameters<Cell>,
                         W = kUnits<Element>;
    static constexpr int kFirst = kFirstGates<Cell>;
    static constexpr int rows = G;     // sums of the product that a unit needs
    static constexpr int columns = 1;  // values that a unit puts into the next product
    static constexpr bool transposed = false, reversed = M.reverse != 0, closes = false;
    static constexpr bool packed = M.lengths == 2, batch_first = M.batch_first != 0 || packed, resets = M.resets != 0;
    static constexpr bool kSaves = K != Keep::nothing, kSavesP = K == Keep::all;
    static constexpr int kStates = kSaves ? 3 : 2;  // tensors per state after h
    static constexpr int kFurther = kStates * (S - 1) + (M.lengths != 0) + M.resets + (kHasProduct<Cell> ? 1 : 0) +
                                    (P > 0 ? 1 : 0) + kTwoProducts<Cell> + (kNormalises<Cell> && kSaves);
    using Type = Element;
    using Value = Number<Element>;
    using Tensors = ForwardTensors<Element>;

    struct Fixed {  // of units, whatever the sequence
        float bias[G][W];
        Value w[W][kParameterRoom<Cell>];
    };
    struct Input : StepResets<resets, 1> {  // of one step
        Word<Element> x[X];
    };
    struct Held {  // from step to step
        Value state[W][S];
        int length;
    };
    struct Output {
        Word<Element> h, p[kSavesP ? G : 1];
    };

    // What a block brings into L2 ahead of its use.
    template <int Threads, int Batch>
    struct Ahead {
        AheadOf<packed, Element, Threads, Batch, X * D> x;
        ResetsAhead<resets, Threads, Batch> flags;

        __device__ Ahead(const Tensors& in, const Walk& walk) : flags(in.resets, walk, in.N) { x.start(in.x, walk); }
        __device__ void next(const Walk& walk, int t) {
            x.next(walk, t);
            flags.next(t);
        }
    };

    __device__ static void read_fixed(Fixed& fixed, const Tensors& in, int n, int unit) {
#pragma unroll
        for (int g = 0; g < G; ++g) {
            unpack_word<Element>(fixed.bias[g], load_word<Element, D>(in.bias + (n * G + g) * D, unit, true));
        }
        read_parameters<Element, D, P>(fixed.w, in.w, n, unit);
    }

    // What the sums start from.
    __device__ static float bias(const Fixed& fixed, int gate, int e) {
        return fixed.bias[gate][e];
    }

    // What a unit puts into the first product.
    __device__ static Word<Element> first(const Tensors& in, Where at, int) {
        return load_word<Element, D>(row_of<D>(in.h0, at.state), at.unit, at.inside);
    }

    // Again: what write_last has left, else what the launch was given.
    template <bool Again>
    __device__ static void read_held(Held& held, const Tensors& in, Where at) {
        held.length = steps_of_sequence<ForwardPass, M.lengths != 0>(in, at);
        float values[W] = {};
        if constexpr (!Projected) {
            unpack_word<Element>(values,
                                 load_word<Element, D>(row_of<D>(Again ? in.hT : in.h0, at.state), at.unit, at.inside));
        }
#pragma unroll
        for (int s = 0; s < S; ++s) {
            if (s > 0) {
                load_floats<D>(values, row_of<D>(state(in, s, Again ? 1 : 0), at.state), at.unit, at.inside);
            }
#pragma unroll
            for (int e = 0; e < W; ++e) {
                held.state[e][s] = values[e];
            }
        }
    }

    __device__ static void load(Input& input, const Tensors& in, Where at) {
        if constexpr (packed) {
            at = in_rows(in, at);
        }
#pragma unroll
        for (int i = 0; i < X; ++i) {
            input.x[i] = load_word<Element, D>(row_of<X * D>(in.x, at.row) + i * D, at.unit, at.inside);
        }
        if constexpr (resets) {
            input.reset[0] = reset_at<ForwardPass>(in, at);
        }
    }

    // Brings what `load` will read into L2.
    __device__ static void fetch(const Tensors& in, Where at) {
        if constexpr (packed) {
            at = in_rows(in, at);
            if (!at.inside) {
                return;
            }
        }
#pragma unroll
        for (int i = 0; i < X; ++i) {
            prefetch_l2(row_of<X * D>(in.x, at.row) + i * D + at.unit);
        }
        if constexpr (resets) {
            prefetch_l2(in.resets + reset_place<ForwardPass>(in, at));
        }
    }

    __device__ static void step(Held& held, Output& out, const Fixed& fixed, const Input& input,
                                const float (&sums)[kProducts<Cell>][W], int t) {
        const bool reset = begins_anew(held, input, t);
        float h[W], values[X][W], p[G][W];
#pragma unroll
        for (int i = 0; i < X; ++i) {
            unpack_word<Element>(values[i], input.x[i]);
        }
#pragma unroll
        for (int e = 0; e < W; ++e) {
            Value x[X], r[kProducts<Cell>];
#pragma unroll
            for (int i = 0; i < X; ++i) {
                x[i] = values[i][e];
            }
#pragma unroll
            for (int g = 0; g < kProducts<Cell>; ++g) {
                const bool drops = reset && g < kFirst && !kNormalises<Cell>;
                const float sum = drops ? fixed.bias[g % G][e] : sums[g][e];
                r[g] = sum;
                if constexpr (kSavesP) {
                    if (g < G) {
                        p[g % G][e] = sums_every_gate<Cell>() ? values[g % X][e] + sum : sum;
                    }
                }
            }
            Value before[S];
#pragma unroll
            for (int s = 0; s < S; ++s) {
                before[s] = held.state[e][s];
                if constexpr (resets) {
                    held.state[e][s] = select(reset, Value(0.0f), before[s]);
                }
            }
            step_cell<Cell>(x, r, held.state[e], fixed.w[e]);
            if constexpr (M.lengths != 0) {
#pragma unroll
                for (int s = 0; s < S; ++s) {
                    held.state[e][s] = select(t < held.length, held.state[e][s], before[s]);
                }
            }
            h[e] = held.state[e][0].value;
        }
        out.h = pack_word<Element>(h);
        if constexpr (kSavesP) {
#pragma unroll
            for (int g = 0; g < G; ++g) {
                out.p[g] = pack_word<Element>(p[g]);
            }
        }
    }

    __device__ static Word<Element> published(const Output& out, int) {
        return out.h;
    }

    // Where the values that a unit puts into the next product are stored, those of all steps, [..., columns, D], and
    // those of the first product, [B,N,columns,D]; null where they are zero.
    __device__ static Element* exchanged(const Tensors& in) {
        return in.h;
    }
    __device__ static const Element* first_exchanged(const Tensors& in) {
        return in.h0;
    }

    // Exchanged: with the values that `exchanged` has.
    template <bool Exchanged = true>
    __device__ static void store(const Output& out, const Held& held, const Tensors& in, Where at) {
        if constexpr (packed) {
            at = in_rows(in, at);
        }
        if constexpr (Exchanged && !Projected) {
            store_word<Element, D>(row_of<D>(in.h, at.row), at.unit, out.h, at.inside);
        }
        if constexpr (kSavesP) {
#pragma unroll
            for (int g = 0; g < G; ++g) {
                store_word<Element, D>(row_of<G * D>(in.p, at.row) + g * D, at.unit, out.p[g], at.inside);
            }
        }
        if constexpr (kSaves) {
            store_states<2>(held, in, at.row, at);
        }
    }

    __device__ static void write_last(const Held& held, const float (&)[rows][W], const Tensors& in, Where at) {
        if constexpr (!Projected) {
            float h[W];
#pragma unroll
            for (int e = 0; e < W; ++e) {
                h[e] = held.state[e][0].value;
            }
            store_word<Element, D>(row_of<D>(in.hT, at.state), at.unit, pack_word<Element>(h), at.inside);
        }
        store_states<1>(held, in, at.state, at);
    }

  protected:
    __device__ static bool begins_anew(const Held& held, const Input& input, int t) {
        if constexpr (resets) {
            return input.reset[0] != 0 && (M.lengths == 0 || t < held.length);
        } else {
            return false;
        }
    }

    __device__ static float* state(const Tensors& in, int s, int which) {
        return static_cast<float*>(in.states[kStates * (s - 1) + which]);
    }

    template <int Which>
    __device__ static void store_states(const Held& held, const Tensors& in, int row, Where at) {
#pragma unroll
        for (int s = 1; s < S; ++s) {
            float values[W];
#pragma unroll
            for (int e = 0; e < W; ++e) {
                values[e] = held.state[e][s].value;
            }
            store_floats<D>(row_of<D>(state(in, s, Which), row), at.unit, values, at.inside);
        }
    }
};
