// The recurrent skeleton for cells whose units do not see each other: a thread owns neighbouring units of one sequence
// and goes through all steps alone. Inputs are read C.prefetch steps ahead into registers.
#pragma once

#include "recurrent/config.cuh"
#include "recurrent/units.cuh"

// The units from `unit` on of head n of sequence b.
template <RecurrentConfig C, class Pass, int D>
__device__ void run_units(const typename Pass::Tensors& in, int b, int n, int unit) {
    const int next = rows_to_next<Pass>(in);
    const Where begin = where_of<Pass>(in, b, n, rows_to_begin<Pass>(in), unit);
    const auto at_step = [&](int t) -> Where {
        return {begin.row + t * next, begin.state, begin.steps + t * next, unit, true, b};
    };

    typename Pass::Fixed fixed;
    Pass::read_fixed(fixed, in, n, unit);
    typename Pass::Held held;
    Pass::template read_held<false>(held, in, begin);
    float sums[Pass::rows][Pass::W];
#pragma unroll
    for (int i = 0; i < Pass::rows * Pass::W; ++i) {
        sums[i / Pass::W][i % Pass::W] = Pass::bias(fixed, i / Pass::W, i % Pass::W);
    }
    typename Pass::Input input[C.prefetch];
#pragma unroll
    for (int p = 0; p < C.prefetch; ++p) {
        const int step = p < in.T ? p : in.T - 1;  // beyond the last step: the last one again
        Pass::load(input[p], in, at_step(step));
    }
    for (int first = 0; first < in.T; first += C.prefetch) {
#pragma unroll
        for (int p = 0; p < C.prefetch; ++p) {
            const int t = first + p;
            if (t < in.T) {
                typename Pass::Output out;
                Pass::step(held, out, fixed, input[p], sums, step_at<Pass>(in, t));
                Pass::store(out, held, in, at_step(t));
                if (t + C.prefetch < in.T) {
                    Pass::load(input[p], in, at_step(t + C.prefetch));
                }
            }
        }
    }
    Pass::write_last(held, sums, in, begin);
}

template <RecurrentConfig C, class Pass, int D>
__device__ void recurrent_elementwise(const typename Pass::Tensors& in) {
    constexpr int words = ceil_div(D, Pass::W);  // per sequence
    const int blocks_of_head = ceil_div(in.B * words, C.warps * 32);
    const int n = static_cast<int>(blockIdx.x) / blocks_of_head;
    const int index = static_cast<int>(blockIdx.x) % blocks_of_head * (C.warps * 32) + static_cast<int>(threadIdx.x);
    const int b = index / words, unit = index % words * Pass::W;
    if (b >= in.B) {
        return;
    }
    if constexpr (Pass::packed) {
        run_units<C, Pass, D>(until_longest_ends(in, b, 1), b, n, unit);
    } else {
        run_units<C, Pass, D>(in, b, n, unit);
    }
}
