// The backward pass of a recurrence, as the skeletons run it, from the last step to the first:
//
//   dh_(t-1), dx_t, dr_t = transposed derivative of the cell at (x_t, r_t, states_(t-1)), applied to dh_t and the
//   gradients of the further states, where dh_t is what comes from outside and from the cell of step t+1 plus
//   R^T dr_(t+1).
//
// Layouts: x, dx [T,B,N,X,D], p, dr [T,B,N,G,D], w [N,P,D], h, dh [T,B,N,D], states and their gradients [B,N,D], dw
// [B,N,P,D]; where the mode says so, the axes T and B are the other way round. p is what the forward pass kept for
// training. Of a cell that uses x and the product in their sum alone x is not read, and dx, which is dr too, is all
// that is written.
#pragma once

#include "recurrent/adjoint.cuh"
#include "recurrent/backward_rows.cuh"
#include "recurrent/cell.cuh"
#include "recurrent/config.cuh"
#include "recurrent/units.cuh"

// Projected: h is made of what the cell returns by a pass of its own; here it is neither read nor written, nor is its
// gradient, and the product is all of that of what the cell returns.
template <class Cell, class Element, int D, RecurrentMode M, bool Projected = false>
struct BackwardPass {
    static constexpr int G = Cell::gates, X = kInputs<Cell>, S = Cell::states, P = kParameters<Cell>,
                         W = kUnits<Element>;
    static constexpr int kFirst = kFirstGates<Cell>, kUnitsOfHead = D;
    static constexpr int rows = 1, columns = G;
    static constexpr bool transposed = true, reversed = M.reverse == 0, closes = true;
    static constexpr bool packed = M.lengths == 2, batch_first = M.batch_first != 0 || packed, resets = M.resets != 0;
    static constexpr bool kSummed = sums_every_gate<Cell>();
    static constexpr bool kReadsH = kStepReadsH<Cell>;
    static constexpr int kStates = 4;  // tensors per state after h
    static constexpr int kFurther = kStates * (S - 1) + (M.lengths != 0) + M.resets + (kHasProduct<Cell> ? 1 : 0) +
                                    (P > 0 ? 2 : 0) + (kSummed ? 0 : 2) + kNormalises<Cell>;
    using Type = Element;
    using Value = Number<Element>;
    using Tensors = BackwardTensors<Element>;

    struct Fixed {
        Value w[W][kParameterRoom<Cell>];
    };
    // p, x, the states before the step, h first, what comes from outside, and resets: of the step and of the one taken
    // before it, of which the product is.
    struct Input : StepResets<resets, 2> {
        Word<Element> p[G], x[kSummed ? 1 : X], h, dh;
        float state[S][W];
    };
    struct Held {  // gradients of the states, but for what the product adds, and of the parameters
        Value gradient[W][S];
        float dw[kParameterRoom<Cell>][W];
        int length;
    };
    struct Output {
        Word<Element> dx[X], dr[kSummed ? 1 : G];
    };

    template <int Threads, int Batch>
    using Ahead = BackwardAhead<BackwardPass, Threads, Batch>;

    // Of the state after h that is the s-th: which of its tensors.
    __device__ static float* state(const Tensors& in, int s, int which) {
        return static_cast<float*>(in.states[kStates * (s - 1) + which]);
    }

    __device__ static void read_fixed(Fixed& fixed, const Tensors& in, int n, int unit) {
        read_parameters<Element, D, P>(fixed.w, in.w, n, unit);
    }

    __device__ static float bias(const Fixed&, int, int) { return 0.0f; }

    __device__ static Word<Element> first(const Tensors&, Where, int) { return {}; }

    // Again: what write_last has left, else what the launch was given.
    template <bool Again>
    __device__ static void read_held(Held& held, const Tensors& in, Where at) {
        held.length = steps_of_sequence<BackwardPass, M.lengths != 0>(in, at);
        float values[W] = {};
        if constexpr (!Projected) {
            unpack_word<Element>(
                values, load_word<Element, D>(row_of<D>(Again ? in.dh0 : in.dhT, at.state), at.unit, at.inside));
        }
#pragma unroll
        for (int s = 0; s < S; ++s) {
            if (s > 0) {
                load_floats<D>(values, row_of<D>(state(in, s, Again ? 3 : 2), at.state), at.unit, at.inside);
            }
#pragma unroll
            for (int e = 0; e < W; ++e) {
                held.gradient[e][s] = values[e];
            }
        }
#pragma unroll
        for (int i = 0; i < P; ++i) {
            if constexpr (Again) {
                load_floats<D>(held.dw[i], in.dw + (static_cast<long long>(at.state) * P + i) * D, at.unit, at.inside);
            } else {
                for (float& value : held.dw[i]) {
                    value = 0.0f;
                }
            }
        }
    }

    __device__ static void load(Input& input, const Tensors& in, Where at) {
        if constexpr (packed) {
            at = in_rows(in, at);
        }
#pragma unroll
        for (int g = 0; g < G; ++g) {
            input.p[g] = load_word<Element, D>(row_of<G * D>(in.p, at.row) + g * D, at.unit, at.inside);
        }
        if constexpr (!kSummed) {
#pragma unroll
            for (int i = 0; i < X; ++i) {
                input.x[i] = load_word<Element, D>(row_of<X * D>(in.x, at.row) + i * D, at.unit, at.inside);
            }
        }
        if constexpr (!Projected) {
            input.dh = load_word<Element, D>(row_of<D>(in.dh, at.row), at.unit, at.inside);
        }
        const int before = row_before<BackwardPass>(in, at);
        if constexpr (!Projected) {
            const Element* h =
                before >= 0 ? row_of<D>(in.h, before) : row_of<D>(in.h0, first_row<BackwardPass>(in, at));
            input.h = load_word<Element, D>(h, at.unit, at.inside);
        }
#pragma unroll
        for (int s = 1; s < S; ++s) {
            const float* row = before >= 0 ? row_of<D>(state(in, s, 1), before)
                                           : row_of<D>(state(in, s, 0), first_row<BackwardPass>(in, at));
            load_floats<D>(input.state[s], row, at.unit, at.inside);
        }
        if constexpr (resets) {
            input.reset[0] = reset_at<BackwardPass>(in, at);
            input.reset[1] = reset_before<BackwardPass>(in, at);
        }
    }

    __device__ static void fetch(const Tensors& in, Where at) {
        if constexpr (packed) {
            at = in_rows(in, at);
            if (!at.inside) {
                return;
            }
        }
#pragma unroll
        for (int g = 0; g < G; ++g) {
            prefetch_l2(row_of<G * D>(in.p, at.row) + g * D + at.unit);
        }
        if constexpr (!kSummed) {
#pragma unroll
            for (int i = 0; i < X; ++i) {
                prefetch_l2(row_of<X * D>(in.x, at.row) + i * D + at.unit);
            }
        }
        if constexpr (!Projected) {
            prefetch_l2(row_of<D>(in.dh, at.row) + at.unit);
        }
        const int before = row_before<BackwardPass>(in, at);
        if (before >= 0) {
            if constexpr (!Projected) {
                prefetch_l2(row_of<D>(in.h, before) + at.unit);
            }
#pragma unroll
            for (int s = 1; s < S; ++s) {
                prefetch_l2(row_of<D>(state(in, s, 1), before) + at.unit);
            }
        }
        if constexpr (resets) {
            prefetch_l2(in.resets + reset_place<BackwardPass>(in, at));
        }
    }

    __device__ static void step(Held& held, Output& out, const Fixed& fixed, const Input& input,
                                const float (&product)[rows][W], int t) {
        UnitGradients gradients;
        through_step(held, gradients, fixed, input, product, t);
        pack_gradients(out, gradients);
    }

    __device__ static Word<Element> published(const Output& out, int gate) {
        return kSummed ? out.dx[gate] : out.dr[gate];
    }

    __device__ static Element* exchanged(const Tensors& in) {
        return kSummed ? in.dx : in.dr;
    }
    __device__ static const Element* first_exchanged(const Tensors&) {
        return nullptr;
    }

    template <bool Exchanged = true>
    __device__ static void store(const Output& out, const Held&, const Tensors& in, Where at) {
        if constexpr (packed) {
            at = in_rows(in, at);
        }
#pragma unroll
        for (int i = 0; i < X; ++i) {
            if constexpr (Exchanged || !kSummed) {
                store_word<Element, D>(row_of<X * D>(in.dx, at.row) + i * D, at.unit, out.dx[i], at.inside);
            }
        }
        if constexpr (Exchanged && !kSummed) {
#pragma unroll
            for (int g = 0; g < G; ++g) {
                store_word<Element, D>(row_of<G * D>(in.dr, at.row) + g * D, at.unit, out.dr[g], at.inside);
            }
        }
    }

    // product: R^T dr of the first step.
    __device__ static void write_last(const Held& held, const float (&product)[rows][W], const Tensors& in, Where at) {
        bool cut = false;
        if constexpr (resets) {
            cut = reset_at_last<BackwardPass>(in, at) != 0;
        }
        float values[W];
        if constexpr (!Projected) {
#pragma unroll
            for (int e = 0; e < W; ++e) {
                values[e] =
                    held.gradient[e][0].value + (cut ? 0.0f : through_product<M.recurrent_gradient>(product[0][e]));
            }
            store_word<Element, D>(row_of<D>(in.dh0, at.state), at.unit, pack_word<Element>(values), at.inside);
        }
#pragma unroll
        for (int s = 1; s < S; ++s) {
#pragma unroll
            for (int e = 0; e < W; ++e) {
                values[e] = held.gradient[e][s].value;
            }
            store_floats<D>(row_of<D>(state(in, s, 3), at.state), at.unit, values, at.inside);
        }
#pragma unroll
        for (int i = 0; i < P; ++i) {
            store_floats<D>(in.dw + (static_cast<long long>(at.state) * P + i) * D, at.unit, held.dw[i], at.inside);
        }
    }

  protected:
    struct UnitGradients {
        float dx[X][W], dr[kProducts<Cell>][W];
    };

    __device__ static bool begins_anew(const Held& held, const Input& input, int t) {
        if constexpr (resets) {
            return input.reset[0] != 0 && (M.lengths == 0 || t < held.length);
        } else {
            return false;
        }
    }

    // What unit e of a thread's has at a step. Of a cell that uses x and the product in their sum, that is x.
    __device__ static void unit_inputs(Value (&x)[X], Value (&r)[kProducts<Cell>], Value (&state)[S],
                                       const Input& input, int e, bool reset) {
        float values[W];
#pragma unroll
        for (int i = 0; i < X; ++i) {
            unpack_word<Element>(values, kSummed ? input.p[i] : input.x[i]);
            x[i] = values[e];
        }
#pragma unroll
        for (int g = 0; g < G; ++g) {
            unpack_word<Element>(values, input.p[g]);
            r[g] = kSummed ? 0.0f : values[e];
        }
        if constexpr (!Projected) {
            unpack_word<Element>(values, input.h);
        }
#pragma unroll
        for (int s = 0; s < S; ++s) {
            state[s] = reset ? 0.0f : s == 0 ? values[e] : input.state[s][e];
        }
    }

    // Adds what comes from outside and through R to the gradients of the states after a step, and makes of them those
    // of the states before it, of x, of the products and of the parameters. more: of a cell that normalises what is in
    // the middle of its step, that.
    __device__ static void through_step(Held& held, UnitGradients& out, const Fixed& fixed, const Input& input,
                                        const float (&product)[rows][W], int t, const float (&more)[W] = {}) {
        const bool reset = begins_anew(held, input, t);
        bool cut = false;  // what comes from the step taken before
        if constexpr (resets) {
            cut = input.reset[1] != 0;
        }
        float dh[W] = {};
        if constexpr (!Projected) {
            unpack_word<Element>(dh, input.dh);
        }
#pragma unroll
        for (int e = 0; e < W; ++e) {
            Value x[X], r[kProducts<Cell>], state[S], dx[X], dr[kProducts<Cell>], dw[kParameterRoom<Cell>];
            unit_inputs(x, r, state, input, e, reset);
            if constexpr (kNormalisesBetween<Cell>) {
                r[G] = more[e];
            }
            if constexpr (Projected) {
                held.gradient[e][0] = product[0][e];
            } else {
                held.gradient[e][0] = held.gradient[e][0] + Value(dh[e]) +
                                      Value(cut ? 0.0f : through_product<M.recurrent_gradient>(product[0][e]));
            }
            Value after[S];
#pragma unroll
            for (int s = 0; s < S; ++s) {
                after[s] = held.gradient[e][s];
            }
            reverse_step<Cell>(x, r, state, fixed.w[e], held.gradient[e], dx, dr, dw);
            if constexpr (resets) {
#pragma unroll
                for (int s = 0; s < S; ++s) {
                    held.gradient[e][s] = select(reset, Value(0.0f), held.gradient[e][s]);
                }
            }
            if constexpr (M.lengths != 0) {
                stay_beyond_end(t < held.length, held.gradient[e], after, dx, dr, dw);
            }
#pragma unroll
            for (int i = 0; i < X; ++i) {
                out.dx[i][e] = dx[i].value;
            }
#pragma unroll
            for (int g = 0; g < kProducts<Cell>; ++g) {
                out.dr[g][e] = dr[g].value;
            }
#pragma unroll
            for (int i = 0; i < P; ++i) {
                held.dw[i][e] += dw[i].value;
            }
        }
    }

    // The same through what is in the middle of the step, from the gradient by that of unit e; added to the others.
    __device__ static void through_between(Held& held, UnitGradients& out, const Fixed& fixed, const Input& input,
                                           float by_between, int e, bool reset) {
        Value x[X], r[kProducts<Cell>], state[S], gradient[S], dx[X], dr[kFirst], dw[kParameterRoom<Cell>];
        unit_inputs(x, r, state, input, e, reset);
        gradient[0] = by_between;
#pragma unroll
        for (int s = 1; s < S; ++s) {
            gradient[s] = 0.0f;
        }
        reverse_step<BetweenCell<Cell>>(x, r, state, fixed.w[e], gradient, dx, dr, dw);
#pragma unroll
        for (int s = 0; s < S; ++s) {
            held.gradient[e][s] = held.gradient[e][s] + select(reset, Value(0.0f), gradient[s]);
        }
#pragma unroll
        for (int i = 0; i < X; ++i) {
            out.dx[i][e] += dx[i].value;
        }
#pragma unroll
        for (int g = 0; g < kFirst; ++g) {
            out.dr[g][e] += dr[g].value;
        }
#pragma unroll
        for (int i = 0; i < P; ++i) {
            held.dw[i][e] += dw[i].value;
        }
    }

    __device__ static void pack_gradients(Output& out, const UnitGradients& gradients) {
#pragma unroll
        for (int i = 0; i < X; ++i) {
            out.dx[i] = pack_word<Element>(gradients.dx[i]);
        }
        if constexpr (!kSummed) {
#pragma unroll
            for (int g = 0; g < G; ++g) {
                out.dr[g] = pack_word<Element>(gradients.dr[g]);
            }
        }
    }

    // Beyond a sequence's end a step changes nothing: the gradients of states go on as they came, those of inputs are
    // zero.
    __device__ static void stay_beyond_end(bool inside, Value* gradient, const Value* after, Value* dx, Value* dr,
                                           Value* dw) {
        const Value zero(0.0f);
#pragma unroll
        for (int s = 0; s < S; ++s) {
            gradient[s] = select(inside, gradient[s], after[s]);
        }
#pragma unroll
        for (int i = 0; i < X; ++i) {
            dx[i] = select(inside, dx[i], zero);
        }
#pragma unroll
        for (int g = 0; g < kProducts<Cell>; ++g) {
            dr[g] = select(inside, dr[g], zero);
        }
#pragma unroll
        for (int i = 0; i < P; ++i) {
            dw[i] = select(inside, dw[i], zero);
        }
    }
};
