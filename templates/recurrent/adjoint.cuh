// The derivative of a cell's step, from the trace of its lines: reverse accumulation, unrolled at compile time, so that
// values and gradients are registers and no tape exists when the kernel runs (Griewank and Walther, Evaluating
// Derivatives, 2008, chapter 3).
#pragma once

#include "common/math.cuh"
#include "recurrent/trace.cuh"

template <class Cell, class S>
class Adjoint {
  public:
    // The step of one unit from these inputs; its values are kept.
    __device__ Adjoint(const S* x, const S* r, const S* state, const S* w) { evaluate<0>(x, r, state, w); }

    // gradient: of something by the states after the step; in its place, by those before. dx, dr, dw: by x, r and the
    // parameters.
    __device__ void reverse(S* gradient, S* dx, S* dr, S* dw) {
        start<0>(gradient);
        accumulate<kCount - 1>(gradient, dx, dr, dw);
    }

  private:
    static constexpr int kCount = kTrace<Cell>.trace.count;
    static constexpr ReversePlan<Cell> kPlan{};
    template <int I>
    static constexpr TraceEntry kEntry = kTrace<Cell>.trace.entries[I];

    template <int I>
    __device__ void evaluate(const S* x, const S* r, const S* state, const S* w) {
        if constexpr (I < kCount) {
            value_[I] = compute<I>(x, r, state, w);
            evaluate<I + 1>(x, r, state, w);
        }
    }

    template <int I>
    __device__ S compute(const S* x, const S* r, const S* state, const S* w) const {
        constexpr CellOperation kind = kEntry<I>.operation;
        constexpr int a = kEntry<I>.a, b = kEntry<I>.b;
        if constexpr (kind == CellOperation::constant) {
            return S(kEntry<I>.value);
        } else if constexpr (kind == CellOperation::x) {
            return x[a];
        } else if constexpr (kind == CellOperation::r) {
            return r[a];
        } else if constexpr (kind == CellOperation::state) {
            return state[a];
        } else if constexpr (kind == CellOperation::parameter) {
            return w[a];
        } else if constexpr (kind == CellOperation::add) {
            return value_[a] + value_[b];
        } else if constexpr (kind == CellOperation::subtract) {
            return value_[a] - value_[b];
        } else if constexpr (kind == CellOperation::multiply) {
            return value_[a] * value_[b];
        } else if constexpr (kind == CellOperation::divide) {
            return value_[a] / value_[b];
        } else if constexpr (kind == CellOperation::negate) {
            return -value_[a];
        } else if constexpr (kind == CellOperation::maximum) {
            return max(value_[a], value_[b]);
        } else if constexpr (kind == CellOperation::minimum) {
            return min(value_[a], value_[b]);
        } else if constexpr (kind == CellOperation::exponential) {
            return exp(value_[a]);
        } else if constexpr (kind == CellOperation::tanh) {
            return tanh(value_[a]);
        } else if constexpr (kind == CellOperation::sigmoid) {
            return sigmoid(value_[a]);
        } else if constexpr (kind == CellOperation::log_sigmoid) {
            return log_sigmoid(value_[a]);
        } else if constexpr (kind == CellOperation::square_root) {
            return sqrt(value_[a]);
        } else if constexpr (kind == CellOperation::equal) {
            return select(value_[a] == value_[b], S(1.0f), S(0.0f));
        } else if constexpr (kind == CellOperation::greater) {
            return select(value_[a] > value_[b], S(1.0f), S(0.0f));
        } else {
            return select(value_[a] == S(0.0f), value_[kEntry<I>.c], value_[b]);
        }
    }

    template <int I>
    __device__ void start(const S* gradient) {
        if constexpr (I < Cell::states) {
            add<kTrace<Cell>.after[I], kPlan.of_state(I)>(gradient[I]);
            start<I + 1>(gradient);
        }
    }

    template <int To, int Contribution>
    __device__ void add(S amount) {
        if constexpr (kPlan.first[To] == Contribution) {
            gradient_[To] = amount;
        } else {
            gradient_[To] = gradient_[To] + amount;
        }
    }

    template <int I>
    __device__ void accumulate(S* state, S* dx, S* dr, S* dw) {
        if constexpr (I >= 0) {
            constexpr CellOperation kind = kEntry<I>.operation;
            constexpr int a = kEntry<I>.a;
            if constexpr (kind == CellOperation::x) {
                dx[a] = kPlan.active[I] ? gradient_[I] : S(0.0f);
            } else if constexpr (kind == CellOperation::r) {
                dr[a] = kPlan.active[I] ? gradient_[I] : S(0.0f);
            } else if constexpr (kind == CellOperation::state) {
                state[a] = kPlan.active[I] ? gradient_[I] : S(0.0f);
            } else if constexpr (kind == CellOperation::parameter) {
                dw[a] = kPlan.active[I] ? gradient_[I] : S(0.0f);
            } else if constexpr (kPlan.active[I]) {
                pass_on<I>();
            }
            accumulate<I - 1>(state, dx, dr, dw);
        }
    }

    // What the gradient of entry I adds to those of its operands.
    template <int I>
    __device__ void pass_on() {
        constexpr CellOperation kind = kEntry<I>.operation;
        constexpr int a = kEntry<I>.a, b = kEntry<I>.b;
        const S g = gradient_[I], one(1.0f), zero(0.0f);
        if constexpr (kind == CellOperation::add) {
            both<I>(g, g);
        } else if constexpr (kind == CellOperation::subtract) {
            both<I>(g, -g);
        } else if constexpr (kind == CellOperation::multiply) {
            both<I>(g * value_[b], g * value_[a]);
        } else if constexpr (kind == CellOperation::divide) {
            const S share = g / value_[b];
            both<I>(share, -(share * value_[I]));
        } else if constexpr (kind == CellOperation::maximum || kind == CellOperation::minimum) {
            // Where both are equal the second passes: a rectified value of zero has no slope.
            const bool first = kind == CellOperation::maximum ? value_[a] > value_[b] : value_[b] > value_[a];
            both<I>(select(first, g, zero), select(first, zero, g));
        } else if constexpr (kind == CellOperation::negate) {
            add<a, 2 * I>(-g);
        } else if constexpr (kind == CellOperation::exponential) {
            add<a, 2 * I>(g * value_[I]);
        } else if constexpr (kind == CellOperation::tanh) {
            add<a, 2 * I>(g * (one - value_[I] * value_[I]));
        } else if constexpr (kind == CellOperation::sigmoid) {
            add<a, 2 * I>(g * sigmoid_slope(value_[a], value_[I]));
        } else if constexpr (kind == CellOperation::log_sigmoid) {
            add<a, 2 * I>(g * sigmoid(-value_[a]));
        } else if constexpr (kind == CellOperation::square_root) {
            add<a, 2 * I>(g / (value_[I] + value_[I]));
        } else if constexpr (kind == CellOperation::select) {
            const bool second = value_[a] == zero;
            add<b, 2 * I>(select(second, zero, g));
            add<kEntry<I>.c, 2 * I + 1>(select(second, g, zero));
        }
    }

    template <int I>
    __device__ void both(S first, S second) {
        add<kEntry<I>.a, 2 * I>(first);
        add<kEntry<I>.b, 2 * I + 1>(second);
    }

    S value_[kCount], gradient_[kCount];
};

// The step's transposed derivative at these inputs: the cell's own one, or that of its trace. `gradient` and the rest
// as Adjoint::reverse has them.
template <class Cell, class S>
__device__ void reverse_step(const S* x, const S* r, const S* state, const S* w, S* gradient, S* dx, S* dr, S* dw) {
    if constexpr (requires { Cell::derivative(x, r, state, w, gradient, dx, dr, dw); }) {
        Cell::derivative(x, r, state, w, gradient, dx, dr, dw);
    } else if constexpr (requires { Cell::derivative(x, r, state, gradient, dx, dr); }) {
        Cell::derivative(x, r, state, gradient, dx, dr);
    } else {
        constexpr bool other = requires {
            Cell::template derivative<S>;
        };
        static_assert(!other, "a cell's derivative is as cell.cuh says");
        Adjoint<Cell, S>(x, r, state, w).reverse(gradient, dx, dr, dw);
    }
}
