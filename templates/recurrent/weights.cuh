// The recurrent weights as a pass multiplies with them: R [N,G,Do,Di] itself, rows being output units, or, on the way
// back, transposed, rows being input units.
#pragma once

#include "recurrent/units.cuh"

// Where the weights of one head lie for a pass: row `unit` of one of its `rows` gates, column `k` of one of `columns`.
template <class Pass, int D>
struct HeadWeights {
    using T = typename Pass::Type;
    const T* R;  // of the head

    __device__ HeadWeights(const T* all, int n) : R(all + static_cast<long long>(n) * Pass::G * D * D) {}

    __device__ const T* at(int row_gate, int unit, int column_gate, int k) const {
        return Pass::transposed ? R + static_cast<long long>(column_gate * D + k) * D + unit
                                : R + static_cast<long long>(row_gate * D + unit) * D + k;
    }

    __device__ float value(int row_gate, int unit, int column_gate, int k) const {
        return unit < D && k < D ? to_float(*at(row_gate, unit, column_gate, k)) : 0.0f;
    }

    // Columns k and k + 1 of a row.
    __device__ unsigned pair(int row_gate, int unit, int column_gate, int k) const {
        if constexpr (Pass::transposed) {
            return pack<T>(value(row_gate, unit, column_gate, k), value(row_gate, unit, column_gate, k + 1));
        } else {
            return load_word<T, D>(at(row_gate, unit, column_gate, 0), k, unit < D);
        }
    }

    // Octet `column` of a row whose columns are in the order of the gates, where D is a multiple of 8: they follow each
    // other, so that a block that reads many needs one address.
    __device__ uint4 octet_of_row(int row_gate, int unit, int column) const {
        if constexpr (Pass::transposed) {
            const T* const first = R + static_cast<long long>(column * 8) * D + unit;
            unsigned words[4] = {};
            if (unit < D) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    words[i] = pack<T>(to_float(first[2 * i * D]), to_float(first[(2 * i + 1) * D]));
                }
            }
            return make_uint4(words[0], words[1], words[2], words[3]);
        } else {
            return unit < D ? *reinterpret_cast<const uint4*>(at(row_gate, unit, 0, 0) + column * 8)
                            : make_uint4(0, 0, 0, 0);
        }
    }

    // Columns k to k + 7 of a row, where D is a multiple of 8 and k too.
    __device__ uint4 octet(int row_gate, int unit, int column_gate, int k) const {
        if constexpr (Pass::transposed) {
            return make_uint4(pair(row_gate, unit, column_gate, k), pair(row_gate, unit, column_gate, k + 2),
                              pair(row_gate, unit, column_gate, k + 4), pair(row_gate, unit, column_gate, k + 6));
        } else {
            return unit < D && k < D ? *reinterpret_cast<const uint4*>(at(row_gate, unit, column_gate, k))
                                     : make_uint4(0, 0, 0, 0);
        }
    }
};
