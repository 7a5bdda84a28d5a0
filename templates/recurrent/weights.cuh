// The recurrent weights as a pass multiplies with them: R [N,G,Do,Di] itself, rows being output units, or, on the way
// back, transposed, rows being input units.
#pragma once

#include "common/mma.cuh"
#include "recurrent/units.cuh"

// How many values a product for D units takes in of each of its `columns`, and how many weights a head has: as many as
// there are units, but of a pass that says otherwise.
template <class Pass, int D>
__host__ __device__ constexpr int taken_of_gate() {
    if constexpr (requires { Pass::kTaken; }) {
        return Pass::kTaken;
    } else {
        return D;
    }
}
template <class Pass, int D>
__host__ __device__ constexpr int weights_of_head() {
    if constexpr (requires { Pass::kTaken; }) {
        return Pass::rows * Pass::columns * D * Pass::kTaken;
    } else {
        return Pass::G * D * D;
    }
}

// Where the weights of one head lie for a pass: row `unit` of one of its `rows` gates, column `k` of one of `columns`.
template <class Pass, int D>
struct HeadWeights {
    using T = typename Pass::Type;
    static constexpr int kTaken = taken_of_gate<Pass, D>();
    const T* R;  // of the head

    __device__ HeadWeights(const T* all, int n) : R(all + static_cast<long long>(n) * weights_of_head<Pass, D>()) {}

    __device__ const T* at(int row_gate, int unit, int column_gate, int k) const {
        return Pass::transposed ? R + static_cast<long long>(column_gate * kTaken + k) * D + unit
                                : R + static_cast<long long>(row_gate * D + unit) * kTaken + k;
    }

    __device__ float value(int row_gate, int unit, int column_gate, int k) const {
        return unit < D && k < kTaken ? to_float(*at(row_gate, unit, column_gate, k)) : 0.0f;
    }

    // The columns from k on that a register has: two of 16 bits, one of 32; as a factor of mma.
    __device__ unsigned word(int row_gate, int unit, int column_gate, int k) const {
        if constexpr (sizeof(T) == sizeof(float)) {
            return as_factor<T>(__float_as_uint(value(row_gate, unit, column_gate, k)));
        } else if constexpr (Pass::transposed) {
            return pack<T>(value(row_gate, unit, column_gate, k), value(row_gate, unit, column_gate, k + 1));
        } else {
            return load_word<T, kTaken>(at(row_gate, unit, column_gate, 0), k, unit < D);
        }
    }

    // Piece `column`, 16 bytes, of a row whose columns are in the order of the gates, where D is a multiple of 8: they
    // follow each other, so that a block that reads many needs one address.
    __device__ uint4 piece_of_row(int row_gate, int unit, int column) const {
        if constexpr (Pass::transposed) {
            const T* const first = R + static_cast<long long>(column * kPieceOf<T>) * D + unit;
            unsigned words[4] = {};
            if (unit < D) {
#pragma unroll
                for (int i = 0; i < 4; ++i) {
                    if constexpr (sizeof(T) == sizeof(float)) {
                        words[i] = __float_as_uint(to_float(first[i * D]));
                    } else {
                        words[i] = pack<T>(to_float(first[2 * i * D]), to_float(first[(2 * i + 1) * D]));
                    }
                }
            }
            return as_factors<T>(make_uint4(words[0], words[1], words[2], words[3]));
        } else {
            return unit < D
                       ? as_factors<T>(*reinterpret_cast<const uint4*>(at(row_gate, unit, 0, 0) + column * kPieceOf<T>))
                       : make_uint4(0, 0, 0, 0);
        }
    }

    // The piece of a row from column k on, where D and k are multiples of a piece.
    __device__ uint4 piece(int row_gate, int unit, int column_gate, int k) const {
        if constexpr (Pass::transposed) {
            constexpr int step = kPieceOf<T> / 4;
            return make_uint4(word(row_gate, unit, column_gate, k), word(row_gate, unit, column_gate, k + step),
                              word(row_gate, unit, column_gate, k + 2 * step),
                              word(row_gate, unit, column_gate, k + 3 * step));
        } else {
            return unit < D && k < kTaken
                       ? as_factors<T>(*reinterpret_cast<const uint4*>(at(row_gate, unit, column_gate, k)))
                       : make_uint4(0, 0, 0, 0);
        }
    }
};
