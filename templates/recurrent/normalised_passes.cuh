// The passes of cells whose products are normalised over all gates and units of a head, r = (R h + bias - mean) /
// sqrt(variance + 1e-5), and, where the cell says so, what is in the middle of its step over all units, too (Ba et al.
// 2016, arXiv 1607.06450). Training keeps r in p, and of each sequence, head and step, [T,B,N,K], one by the deviation,
// and mean and one by the deviation of what is in the middle. On the way back the gradient of values of which y are the
// normalised ones is (g - mean(g) - y mean(g y)) / deviation; dr is that of R h + bias.
#pragma once

#include "recurrent/head_sums.cuh"
#include "recurrent/two_product_passes.cuh"

template <class Cell, class Element, int D, RecurrentMode M, Keep K>
struct NormalisedForwardPass : ForwardPass<Cell, Element, D, M, K> {
    using Base = ForwardPass<Cell, Element, D, M, K>;
    using Base::G, Base::X, Base::S, Base::W, Base::kFirst, Base::kSaves;
    using typename Base::Fixed, typename Base::Held, typename Base::Input, typename Base::Output,
        typename Base::Tensors, typename Base::Value;
    static constexpr int kUnitsOfHead = D;
    using CombineSums = CombineMoments;
    static constexpr int kRounds = kMeetings<Cell>;
    // Values per unit that are added up in a round.
    __host__ __device__ static constexpr int values_of(int round) { return round == 0 ? G : 1; }

    struct Between {  // of units: what a step takes in
        float products[kProducts<Cell>][W];
    };

    template <int Number>
    __device__ static auto taken_in(const Tensors& in, int b, int n, int t) {
        if constexpr (Base::packed) {
            return PackedTakenIn<Base, D>{in, in.h, in.h0, b, n, t - 1};
        } else {
            return t == 0 ? taken_of_states<D>(in, in.h0, b, n) : taken_of_steps<Base, D>(in, in.h, b, n, t - 1);
        }
    }

    __device__ static void begin(Held& held, Between& between, const Fixed& fixed, const Input& input,
                                 const float (&sums)[G][W], int t) {
        const bool reset = Base::begins_anew(held, input, t);
#pragma unroll
        for (int i = 0; i < G * W; ++i) {
            between.products[i / W][i % W] = reset ? fixed.bias[i / W][i % W] : sums[i / W][i % W];
        }
    }

    // Of a thread's share of the products.
    __device__ static HeadSums partial_moments(const Between& between) {
        return moments_of<G, W>(between.products);
    }
    __device__ static void normalise(Between& between, HeadSums moments) {
#pragma unroll
        for (int i = 0; i < G * W; ++i) {
            float& value = between.products[i / W][i % W];
            value = (value - mean(moments)) * inverse_deviation(moments);
        }
    }

    // The same of what is in the middle of a step.
    __device__ static HeadSums partial_moments_between(const Held& held, Between& between, const Fixed& fixed,
                                                       const Input& input, int t) {
        const bool reset = Base::begins_anew(held, input, t);
        float values[1][W];
#pragma unroll
        for (int e = 0; e < W; ++e) {
            Value x[X], r[G], state[S];
            unit_inputs(x, r, input, between, e);
#pragma unroll
            for (int s = 0; s < S; ++s) {
                state[s] = select(reset, Value(0.0f), held.state[e][s]);
            }
            values[0][e] = step_cell<BetweenCell<Cell>>(x, r, state, fixed.w[e]).value;
            between.products[kProducts<Cell> - 1][e] = values[0][e];
        }
        return moments_of<1, W>(values);
    }
    __device__ static void normalise_between(Between& between, HeadSums moments) {
#pragma unroll
        for (int e = 0; e < W; ++e) {
            float& value = between.products[kProducts<Cell> - 1][e];
            value = (value - mean(moments)) * inverse_deviation(moments);
        }
    }

    __device__ static void finish(Held& held, Output& out, const Between& between, const Fixed& fixed,
                                  const Input& input, int t) {
        Base::step(held, out, fixed, input, between.products, t);
    }

    // `row` rows of others precede the step. Whether all of the head is known; else head has been left some of it.
    template <class Head, int Items>
    __device__ static bool normalise_all(Head& head, const Held (&held)[Items], Between (&between)[Items],
                                         const Fixed (&fixed)[Items], const Input (&input)[Items], int row, int t) {
        if (!head.template reduce<0>([&](int i) { return partial_moments(between[i]); })) {
            return false;
        }
#pragma unroll
        for (int i = 0; i < Items; ++i) {
            normalise(between[i], head.of(i));
            store_moments<0>(head.in, head.share.where(head.in, i, row), 0.0f, inverse_deviation(head.of(i)));
        }
        if constexpr (kNormalisesBetween<Cell>) {
            if (!head.template reduce<1>(
                    [&](int i) { return partial_moments_between(held[i], between[i], fixed[i], input[i], t); })) {
                return false;
            }
#pragma unroll
            for (int i = 0; i < Items; ++i) {
                normalise_between(between[i], head.of(i));
                store_moments<1>(head.in, head.share.where(head.in, i, row), mean(head.of(i)),
                                 inverse_deviation(head.of(i)));
            }
        }
        return true;
    }

    // By the thread that has the head's first unit of a sequence.
    template <int First>
    __device__ static void store_moments(const Tensors& in, Where at, float mean, float inverse) {
        if constexpr (Base::packed) {
            at = in_rows(in, at);
        }
        if (kSaves && at.inside && at.unit == 0) {
            float* const row = in.moments + static_cast<long long>(at.row) * kMoments<Cell> + First;
            if constexpr (First == 0) {
                row[0] = inverse;
            } else {
                row[0] = mean;
                row[1] = inverse;
            }
        }
    }

    // Again: where blocks take shares in turn. h then comes from the row of the step before, for hT has sums at times.
    template <bool Again>
    __device__ static void read_held(Held& held, const Tensors& in, Where at) {
        Base::template read_held<Again>(held, in, at);
        if constexpr (Again) {
            at.row -= rows_to_next<Base>(in);
            at.steps -= rows_to_next<Base>(in);
            const Element* row = row_of<D>(in.h, at.row);
            if constexpr (Base::packed) {
                const Where before = in_rows(in, at);
                row = before.inside ? row_of<D>(in.h, before.row) : row_of<D>(in.h0, at.state);
            }
            float values[W];
            unpack_word<Element>(values, load_word<Element, D>(row, at.unit, at.inside));
#pragma unroll
            for (int e = 0; e < W; ++e) {
                held.state[e][0] = values[e];
            }
        }
    }

    // What read_held takes in again after a step. Nothing has changed where a packed sequence has no such step, but for
    // what comes of the first ones, which all have.
    __device__ static void write_held(const Held& held, const Tensors& in, Where at) {
        if constexpr (Base::packed) {
            at.inside = at.inside && (at.steps == rows_to_begin<Base>(in) || in_rows(in, at).inside);
        }
        const float nothing[G][W] = {};
        Base::write_last(held, nothing, in, at);
    }

    // Where a share may have 16 bytes of its own at a step, `at` its first unit of a sequence, until its values are
    // written.
    __device__ static Element* own_place(const Tensors& in, Where at) {
        return row_of<D>(in.hT, at.state) + at.unit;
    }

  private:
    __device__ static void unit_inputs(Value (&x)[X], Value (&r)[G], const Input& input, const Between& between,
                                       int e) {
        float values[W];
#pragma unroll
        for (int i = 0; i < X; ++i) {
            unpack_word<Element>(values, input.x[i]);
            x[i] = values[e];
        }
#pragma unroll
        for (int g = 0; g < G; ++g) {
            r[g] = between.products[g][e];
        }
    }
};

template <class Cell, class Element, int D, RecurrentMode M>
struct NormalisedBackwardPass : BackwardPass<Cell, Element, D, M> {
    using Base = BackwardPass<Cell, Element, D, M>;
    using Base::G, Base::S, Base::W, Base::X, Base::kFirst;
    using typename Base::Fixed, typename Base::Held, typename Base::Output, typename Base::Tensors,
        typename Base::Value;
    using CombineSums = AddSums;
    static constexpr int kRounds = kMeetings<Cell>;
    __host__ __device__ static constexpr int values_of(int round) { return round + 1 < kRounds ? 1 : G; }

    struct Input : Base::Input {
        float moments[kMoments<Cell>];
    };
    struct Between {
        typename Base::UnitGradients gradients;
        float normalised[W] = {};  // what is in the middle of the step
    };

    template <int Number>
    __device__ static auto taken_in(const Tensors& in, int b, int n, int t) {
        if constexpr (Base::packed) {
            return PackedTakenIn<Base, G * D>{in, in.dr, nullptr, b, n, t - 1};
        } else {
            return t == 0 ? TakenIn<Element>{} : taken_of_steps<Base, G * D, Element>(in, in.dr, b, n, t - 1);
        }
    }

    __device__ static void load(Input& input, const Tensors& in, Where at) {
        Base::load(input, in, at);
        if constexpr (Base::packed) {
            at = in_rows(in, at);
        }
#pragma unroll
        for (int k = 0; k < kMoments<Cell>; ++k) {
            input.moments[k] = at.inside ? in.moments[static_cast<long long>(at.row) * kMoments<Cell> + k] : 0.0f;
        }
    }

    __device__ static void begin(Held& held, Between& between, const Fixed& fixed, const Input& input,
                                 const float (&product)[1][W], int t) {
        if constexpr (kNormalisesBetween<Cell>) {
            const bool reset = Base::begins_anew(held, input, t);
#pragma unroll
            for (int e = 0; e < W; ++e) {
                Value x[X], r[kProducts<Cell>], state[S];
                Base::unit_inputs(x, r, state, input, e, reset);
                const float value = step_cell<BetweenCell<Cell>>(x, r, state, fixed.w[e]).value;
                between.normalised[e] = (value - input.moments[1]) * input.moments[2];
            }
        }
        Base::through_step(held, between.gradients, fixed, input, product, t, between.normalised);
    }

    // To a thread's share of the sums: gradients by normalised values, and their products with them.
    __device__ static void add(HeadSums& sums, const float (&gradient)[W], const float (&normalised)[W]) {
#pragma unroll
        for (int e = 0; e < W; ++e) {
            sums.first += gradient[e];
            sums.second += gradient[e] * normalised[e];
        }
    }

    // The gradient by one of `Count` values from that by the normalised one.
    template <int Count>
    __device__ static float by_value(float gradient, float normalised, float inverse_deviation, HeadSums sums) {
        constexpr float share = 1.0f / Count;
        return inverse_deviation * (gradient - sums.first * share - normalised * (sums.second * share));
    }

    __device__ static HeadSums partial_sums_between(const Between& between) {
        HeadSums sums{};
        add(sums, between.gradients.dr[kProducts<Cell> - 1], between.normalised);
        return sums;
    }
    __device__ static void through_between(Held& held, Between& between, const Fixed& fixed, const Input& input,
                                           HeadSums sums, int t) {
        const bool reset = Base::begins_anew(held, input, t), inside = M.lengths == 0 || t < held.length;
#pragma unroll
        for (int e = 0; e < W; ++e) {
            const float gradient = by_value<D>(between.gradients.dr[kProducts<Cell> - 1][e], between.normalised[e],
                                               input.moments[2], sums);
            Base::through_between(held, between.gradients, fixed, input, inside ? gradient : 0.0f, e, reset);
        }
    }

    __device__ static HeadSums partial_sums(const Between& between, const Input& input) {
        HeadSums sums{};
#pragma unroll
        for (int g = 0; g < G; ++g) {
            float normalised[W];
            unpack_word<Element>(normalised, input.p[g]);
            add(sums, between.gradients.dr[g], normalised);
        }
        return sums;
    }
    __device__ static void through_products(Between& between, const Input& input, HeadSums sums) {
#pragma unroll
        for (int g = 0; g < G; ++g) {
            float normalised[W];
            unpack_word<Element>(normalised, input.p[g]);
#pragma unroll
            for (int e = 0; e < W; ++e) {
                float& gradient = between.gradients.dr[g][e];
                gradient = by_value<G * D>(gradient, normalised[e], input.moments[0], sums);
            }
        }
    }

    template <class Head, int Items>
    __device__ static bool normalise_all(Head& head, Held (&held)[Items], Between (&between)[Items],
                                         const Fixed (&fixed)[Items], const Input (&input)[Items], int, int t) {
        if constexpr (kNormalisesBetween<Cell>) {
            if (!head.template reduce<0>([&](int i) { return partial_sums_between(between[i]); })) {
                return false;
            }
#pragma unroll
            for (int i = 0; i < Items; ++i) {
                through_between(held[i], between[i], fixed[i], input[i], head.of(i), t);
            }
        }
        if (!head.template reduce<kRounds - 1>([&](int i) { return partial_sums(between[i], input[i]); })) {
            return false;
        }
#pragma unroll
        for (int i = 0; i < Items; ++i) {
            through_products(between[i], input[i], head.of(i));
        }
        return true;
    }

    __device__ static void write_held(const Held& held, const Tensors& in, Where at) {
        const float nothing[1][W] = {};
        Base::write_last(held, nothing, in, at);
    }
    __device__ static Element* own_place(const Tensors& in, Where at) {
        return row_of<X * D>(in.dx, at.row) + at.unit;
    }

    __device__ static void finish(Held&, Output& out, const Between& between, const Fixed&, const Input&, int) {
        Base::pack_gradients(out, between.gradients);
    }
};
