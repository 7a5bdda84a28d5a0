// Neighbouring units of one sequence, which a thread takes together: two where their 16-bit elements make one register,
// one in f32 arithmetic; two in f32 where tensor cores multiply. Units at or beyond D, and those of sequences that are
// not there, read as zero and are not written.
#pragma once

#include "common/math.cuh"

template <class Element>
inline constexpr int kUnits = is_same<Element, float> ? 1 : 2;

// Which units, from `unit` on, of which sequence and head, at which step. Rows are counted over all axes in front of a
// tensor's units.
struct Where {
    int row;    // of tensors of all steps
    int state;  // row of tensors [B,N,...]
    int steps;  // rows of the steps before, which `row` includes
    int unit;
    bool inside;   // of the batch
    int sequence;  // in the batch
};

// Rows from a step to the next one in tensors of all steps, and from a sequence to the next one. Rows of packed
// sequences are counted from their own first one, until a tensor is read or written (in_rows).
template <class Pass>
__device__ int step_rows(const typename Pass::Tensors& in) {
    return Pass::batch_first ? in.N : in.B * in.N;
}
template <class Pass>
__device__ int sequence_rows(const typename Pass::Tensors& in) {
    return Pass::packed ? 0 : Pass::batch_first ? in.T * in.N : in.N;
}

// Rows from step 0 to the one that a pass begins with, and from there to the one that it takes next.
template <class Pass>
__device__ int rows_to_begin(const typename Pass::Tensors& in) {
    return Pass::reversed ? (in.T - 1) * step_rows<Pass>(in) : 0;
}
template <class Pass>
__device__ int rows_to_next(const typename Pass::Tensors& in) {
    return Pass::reversed ? -step_rows<Pass>(in) : step_rows<Pass>(in);
}

// The step that a pass takes t-th.
template <class Pass>
__device__ int step_at(const typename Pass::Tensors& in, int t) {
    return Pass::reversed ? in.T - 1 - t : t;
}

// Rows of the steps before that one.
template <class Pass>
__device__ int rows_before(const typename Pass::Tensors& in, int t) {
    return rows_to_begin<Pass>(in) + t * rows_to_next<Pass>(in);
}

// Of sequence b and head n.
template <class Pass>
__device__ Where where_of(const typename Pass::Tensors& in, int b, int n, int steps, int unit) {
    return {steps + b * sequence_rows<Pass>(in) + n, b * in.N + n, steps, unit, b < in.B, b};
}

// Of tensors of all steps, where sequences are packed: the first row of a sequence, and the one behind its last one;
// of what is not in the batch, those of the last sequence.
struct SequenceRows {
    int first, end;
};
template <class Tensors>
__device__ SequenceRows rows_of_sequence(const Tensors& in, Where at) {
    const int* const start = in.starts + min(at.sequence, in.B - 1);
    return {__ldg(start) * in.N, __ldg(start + 1) * in.N};
}

// The place in tensors of all steps, where sequences are packed: nothing is inside beyond a sequence's end.
template <class Tensors>
__device__ Where in_rows(const Tensors& in, Where at) {
    const SequenceRows rows = rows_of_sequence(in, at);
    at.row += rows.first;
    at.inside = at.inside && at.row < rows.end;
    return at;
}

// Steps that a packed sequence has.
template <class Tensors>
__device__ int length_of(const Tensors& in, Where at) {
    const SequenceRows rows = rows_of_sequence(in, at);
    return (rows.end - rows.first) / in.N;
}

// The same; Given: of sequences with lengths of their own, else of all alike.
template <class Pass, bool Given>
__device__ int steps_of_sequence(const typename Pass::Tensors& in, Where at) {
    if constexpr (Pass::packed) {
        return length_of(in, at);
    } else {
        return Given && at.inside ? in.lengths[at.state / in.N] : in.T;
    }
}

// Rows of a tensor of all steps.
template <class Pass>
__device__ long long rows_of_all_steps(const typename Pass::Tensors& in) {
    if constexpr (Pass::packed) {
        return static_cast<long long>(in.starts[in.B]) * in.N;
    } else {
        return static_cast<long long>(in.T) * in.B * in.N;
    }
}

// The same tensors, of no more steps than the longest of some packed sequences has; one at least, in which nothing is
// inside where all are empty.
template <class Tensors>
__device__ Tensors until_longest_ends(Tensors in, int b0, int sequences) {
    int longest = 1;
    for (int b = b0; b < min(b0 + sequences, in.B); ++b) {
        longest = max(longest, in.starts[b + 1] - in.starts[b]);
    }
    in.T = min(in.T, longest);
    return in;
}

// What a pass reads of resets at a step: of the step itself, and of the one that it took before. Nothing where there
// are none: a member that is not used still changed the order of registers.
template <bool Exist, int Count>
struct StepResets {
    int reset[Count];
};
template <int Count>
struct StepResets<false, Count> {};

// The place of a step in resets, which are [T,B], or [B,T] with the batch first. All sequences have the division of a
// step's rows in common, and none is behind a condition: the compiler leaves one per step.
template <class Pass>
__device__ int reset_place(const typename Pass::Tensors& in, Where at) {
    return at.steps / in.N + at.sequence * (Pass::batch_first ? in.T : 1);
}

// Whether a sequence begins anew at this step.
template <class Pass>
__device__ int reset_at(const typename Pass::Tensors& in, Where at) {
    const int place = reset_place<Pass>(in, at);
    return at.inside ? in.resets[place] : 0;
}

// The same of the step that the pass took before this one, if there was one.
template <class Pass>
__device__ int reset_before(const typename Pass::Tensors& in, Where at) {
    const int to_next = Pass::batch_first ? 1 : in.B;
    const int place = reset_place<Pass>(in, at) + (Pass::reversed ? to_next : -to_next);
    return at.inside && at.steps != rows_to_begin<Pass>(in) ? in.resets[place] : 0;
}

// The same of the last step that the pass takes.
template <class Pass>
__device__ int reset_at_last(const typename Pass::Tensors& in, Where at) {
    at.steps = rows_before<Pass>(in, in.T - 1);
    return reset_at<Pass>(in, at);
}

template <class Element>
struct UnitWord {
    using Type = unsigned;
};
template <>
struct UnitWord<float> {
    using Type = float;
};
template <>
struct UnitWord<tf32> {
    using Type = uint2;
};
template <>
struct UnitWord<tf32x3> {
    using Type = uint2;
};
template <class Element>
using Word = typename UnitWord<Element>::Type;

template <class Element>
__device__ Word<Element> pack_word(const float (&values)[kUnits<Element>]) {
    if constexpr (kUnits<Element> == 1) {
        return values[0];
    } else if constexpr (sizeof(Element) == sizeof(float)) {
        return make_uint2(__float_as_uint(values[0]), __float_as_uint(values[1]));
    } else {
        return pack<Element>(values[0], values[1]);
    }
}

template <class Element>
__device__ float2 unpack_pair(Word<Element> word) {
    if constexpr (sizeof(Element) == sizeof(float)) {
        return make_float2(__uint_as_float(word.x), __uint_as_float(word.y));
    } else {
        return unpack<Element>(word);
    }
}

template <class Element, int D>
__device__ Word<Element> load_word(const Element* row, int unit, bool inside) {
    if constexpr (kUnits<Element> == 1) {
        return inside && unit < D ? row[unit] : 0.0f;
    } else if constexpr (D % 2 == 0) {
        return inside && unit < D ? *reinterpret_cast<const Word<Element>*>(row + unit) : Word<Element>{};
    } else {
        const float low = inside && unit < D ? to_float(row[unit]) : 0.0f;
        const float high = inside && unit + 1 < D ? to_float(row[unit + 1]) : 0.0f;
        return pack_word<Element>({low, high});
    }
}

template <class Element>
__device__ void unpack_word(float (&values)[kUnits<Element>], Word<Element> word) {
    if constexpr (kUnits<Element> == 1) {
        values[0] = word;
    } else {
        float2 both = unpack_pair<Element>(word);
        values[0] = both.x;
        values[1] = both.y;
    }
}

template <class Element, int D>
__device__ void store_word(Element* row, int unit, Word<Element> word, bool inside) {
    if (!inside || unit >= D) {
        return;
    }
    if constexpr (kUnits<Element> == 1) {
        row[unit] = word;
    } else if constexpr (D % 2 == 0) {
        *reinterpret_cast<Word<Element>*>(row + unit) = word;
    } else {
        float2 values = unpack_pair<Element>(word);
        row[unit] = from_float<Element>(values.x);
        if (unit + 1 < D) {
            row[unit + 1] = from_float<Element>(values.y);
        }
    }
}

// Clears units at or beyond D, whatever a cell made of their zero inputs.
template <class Element, int D>
__device__ Word<Element> within(Word<Element> word, int unit) {
    if constexpr (kUnits<Element> == 1) {
        return unit < D ? word : 0.0f;
    } else if constexpr (D % 2 == 0) {
        return unit < D ? word : Word<Element>{};
    } else if constexpr (sizeof(Element) == sizeof(float)) {
        return make_uint2(unit < D ? word.x : 0U, unit + 1 < D ? word.y : 0U);
    } else {
        return unit + 1 < D ? word : unit < D ? word & 0xffffU : 0U;
    }
}

// The same for values that are f32 whatever the elements are.
template <int D, int W>
__device__ void load_floats(float (&values)[W], const float* row, int unit, bool inside) {
    if constexpr (W == 2 && D % 2 == 0) {
        float2 both = inside && unit < D ? *reinterpret_cast<const float2*>(row + unit) : make_float2(0.0f, 0.0f);
        values[0] = both.x;
        values[1] = both.y;
    } else {
#pragma unroll
        for (int e = 0; e < W; ++e) {
            values[e] = inside && unit + e < D ? row[unit + e] : 0.0f;
        }
    }
}

template <int D, int W>
__device__ void store_floats(float* row, int unit, const float (&values)[W], bool inside) {
    if constexpr (W == 2 && D % 2 == 0) {
        if (inside && unit < D) {
            *reinterpret_cast<float2*>(row + unit) = make_float2(values[0], values[1]);
        }
    } else {
#pragma unroll
        for (int e = 0; e < W; ++e) {
            if (inside && unit + e < D) {
                row[unit + e] = values[e];
            }
        }
    }
}

// The P parameters [N,P,D] of each of the units, of head n.
template <class Element, int D, int P, class Value, int W, int Room>
__device__ void read_parameters(Value (&parameters)[W][Room], const Element* w, int n, int unit) {
#pragma unroll
    for (int i = 0; i < P; ++i) {
        float values[W];
        unpack_word<Element>(values, load_word<Element, D>(w + (n * P + i) * D, unit, true));
#pragma unroll
        for (int e = 0; e < W; ++e) {
            parameters[e][i] = values[e];
        }
    }
}

// Row of a tensor of `Row` elements per row, which may have more elements than 32 bits count.
template <int Row, class Value>
__device__ Value* row_of(Value* tensor, int row) {
    return tensor + static_cast<long long>(row) * Row;
}
