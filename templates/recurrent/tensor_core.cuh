// The recurrent skeleton for tensor cores: the product with R on them, weights as the A operand so that a
// batch of 8 fills a tile. A thread holds every sum of its units, so the cell is computed where the sums are and only
// what the next product needs is exchanged: h, or, on the way back, dr.
//
// Row r and row r + 8 of a weight tile are made neighbouring units (2r, 2r + 1): a thread's two rows then read and
// write one word of x and h.
#pragma once

#include "common/mma.cuh"
#include "recurrent/config.cuh"
#include "recurrent/units.cuh"
#include "recurrent/weights.cuh"

// Sizes that follow from the configuration.
template <RecurrentConfig C, class Pass, int D>
struct TensorCoreShape {
    static constexpr int rows = Pass::rows;                      // sums per unit
    static constexpr int piece = kPieceOf<typename Pass::Type>;  // columns of 16 bytes; a product takes two
    static constexpr int unit_tiles = ceil_div(D, 16);           // of 16 units
    static constexpr int gate_k_tiles = unit_tiles * 8 / piece;  // along the columns of a gate
    static constexpr int k_tiles = Pass::columns * gate_k_tiles;
    static constexpr int tiles = ceil_div(unit_tiles, C.warps);  // of 16 units, per warp
    static constexpr int n_tiles = C.batch / 8;
    static constexpr int shared_k = k_tiles - C.register_k;  // weight tiles kept in shared memory
    static constexpr int kept_k = C.register_k > 0 ? C.register_k : 1;
    static constexpr int stride =
        (2 * k_tiles + 1) * piece;  // elements of a sequence; the last piece keeps banks apart
    static constexpr int elements = C.batch * stride;
    static_assert(C.chains >= 1 && C.chains <= k_tiles && C.batch % 8 == 0 && C.register_k >= 0 && shared_k >= 0 &&
                      C.prefetch >= 1,
                  "as the space promises");
};

// The A fragment of 16 units from `unit0` of one row gate and of tile k of columns.
template <class Shape, class Pass, int D>
__device__ FragmentA load_weights(const HeadWeights<Pass, D>& weights, int gate, int unit0, int k, int lane) {
    constexpr int piece = Shape::piece;
    int unit = unit0 + 2 * (lane / 4), of = k / Shape::gate_k_tiles;
    int column = k % Shape::gate_k_tiles * (2 * piece) + piece / 4 * (lane % 4);
    return {{weights.word(gate, unit, of, column), weights.word(gate, unit + 1, of, column),
             weights.word(gate, unit, of, column + piece), weights.word(gate, unit + 1, of, column + piece)}};
}

// One thread's place in the block: which units and which sequences its accumulators belong to.
template <RecurrentConfig C, class Pass>
struct Place {
    int lane, warp, n, b0;

    __device__ int unit0(int tile) const { return (tile * C.warps + warp) * 16; }
    __device__ int unit(int tile) const { return unit0(tile) + 2 * (lane / 4); }
    __device__ int column(int n_tile, int e) const { return n_tile * 8 + 2 * (lane % 4) + e; }

    // `steps`: the rows of the steps before.
    __device__ Where where(const typename Pass::Tensors& in, int steps, int tile, int n_tile, int e) const {
        return where_of<Pass>(in, b0 + column(n_tile, e), n, steps, unit(tile));
    }
};

// What a thread holds of one kind for all its tiles of units, tiles of sequences and the two sequences of each.
template <class Shape, class Value>
struct PerSequence {
    Value of[Shape::tiles][Shape::n_tiles][2];
};

// `apply(i, j, e)` for each of them.
template <class Shape, class Function>
__device__ void for_sequences(Function apply) {
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
#pragma unroll
            for (int e = 0; e < 2; ++e) {
                apply(i, j, e);
            }
        }
    }
}

// The weights of this warp's units: fragments of the first register_k tiles along k in registers, those of the rest in
// shared memory, 16 bytes a lane, so that loading one again has no bank conflict.
template <class Shape>
struct Weights {
    FragmentA kept[Shape::tiles][Shape::rows][Shape::kept_k];
    uint4* stored;  // of this warp

    __device__ uint4& slot(int tile, int gate, int k, int lane) const {
        return stored[((tile * Shape::rows + gate) * Shape::shared_k + k) * 32 + lane];
    }
};

template <RecurrentConfig C, class Shape, class Pass, int D>
__device__ void read_weights(Weights<Shape>& weights, const HeadWeights<Pass, D>& all, const Place<C, Pass>& place) {
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
        for (int g = 0; g < Shape::rows; ++g) {
#pragma unroll
            for (int k = 0; k < Shape::k_tiles; ++k) {
                FragmentA a = load_weights<Shape>(all, g, place.unit0(i), k, place.lane);
                if (k < C.register_k) {
                    weights.kept[i][g][k % Shape::kept_k] = a;
                } else {
                    weights.slot(i, g, k - C.register_k, place.lane) = make_uint4(a.r[0], a.r[1], a.r[2], a.r[3]);
                }
            }
        }
    }
}

template <class Shape>
struct Sums {
    FragmentD of[Shape::tiles][Shape::rows][Shape::n_tiles];

    // Those of a thread's two units and one sequence.
    __device__ void gather(float (&sums)[Shape::rows][2], int i, int j, int e) const {
#pragma unroll
        for (int g = 0; g < Shape::rows; ++g) {
            sums[g][0] = of[i][g][j].v[e];
            sums[g][1] = of[i][g][j].v[2 + e];
        }
    }
};

template <int Chains, class Shape>
__device__ void add_up(Sums<Shape>& sums, const Sums<Shape> (&partial)[Chains]) {
    constexpr int G = Shape::rows, J = Shape::n_tiles;
#pragma unroll
    for (int i = 0; i < Shape::tiles * G * J; ++i) {
        sums.of[i / (G * J)][i / J % G][i % J] = partial[0].of[i / (G * J)][i / J % G][i % J];
#pragma unroll
        for (int chain = 1; chain < Chains; ++chain) {
#pragma unroll
            for (int v = 0; v < 4; ++v) {
                sums.of[i / (G * J)][i / J % G][i % J].v[v] += partial[chain].of[i / (G * J)][i / J % G][i % J].v[v];
            }
        }
    }
}

// sums = bias + product over all tiles of k, the other factor in shared memory as [sequence][column]. Tiles of k are
// added up in C.chains sums at once, for each product waits for the one before it in its own sum.
template <RecurrentConfig C, class Pass, class Shape, class Fixed, class T>
__device__ void multiply(Sums<Shape>& sums, const Weights<Shape>& weights, const Fixed (&fixed)[Shape::tiles],
                         const T* h, int lane) {
    Sums<Shape> partial[C.chains];
#pragma unroll
    for (int k = 0; k < Shape::k_tiles; ++k) {
        FragmentB state[Shape::n_tiles];
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
            load_matrices(state[j].r, h + (j * 8 + lane % 8) * Shape::stride + (2 * k + lane / 8 % 2) * Shape::piece);
            state[j] = {{as_factor<T>(state[j].r[0]), as_factor<T>(state[j].r[1])}};
        }
#pragma unroll
        for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
            for (int g = 0; g < Shape::rows; ++g) {
                FragmentA a = weights.kept[i][g][k % Shape::kept_k];
                if (k >= C.register_k) {
                    uint4 word = weights.slot(i, g, k - C.register_k, lane);
                    a = {{word.x, word.y, word.z, word.w}};
                }
#pragma unroll
                for (int j = 0; j < Shape::n_tiles; ++j) {
                    if (k < C.chains) {
                        float low = k == 0 ? Pass::bias(fixed[i], g, 0) : 0.0f;
                        float high = k == 0 ? Pass::bias(fixed[i], g, 1) : 0.0f;
                        partial[k].of[i][g][j] = {{low, low, high, high}};
                    }
                    mma<T>(partial[k % C.chains].of[i][g][j], a, state[j]);
                }
            }
        }
    }
    add_up<C.chains>(sums, partial);
}

// What a unit puts into the next product, to its column of one gate in shared memory.
template <class Shape, int D, class T>
__device__ void store_published(T* row, int gate, int unit, Word<T> both) {
    if (unit < D) {
        *reinterpret_cast<Word<T>*>(row + gate * (Shape::unit_tiles * 16) + unit) = within<T, D>(both, unit);
    }
}

template <RecurrentConfig C, class Pass, int D>
__device__ void recurrent_tensor_core(const typename Pass::Tensors& in) {
    using Shape = TensorCoreShape<C, Pass, D>;
    using T = typename Pass::Type;
    constexpr int weight_words = Shape::tiles * Shape::rows * Shape::shared_k * 32;  // of 16 bytes, per warp
    extern __shared__ uint4 shared[];
    const Place<C, Pass> place{static_cast<int>(threadIdx.x % 32), static_cast<int>(threadIdx.x / 32),
                               static_cast<int>(blockIdx.x), static_cast<int>(blockIdx.y) * C.batch};
    T* const published = reinterpret_cast<T*>(shared + C.warps * weight_words);  // this step's and the next one's
    const Walk walk = walk_of<Pass>(in, place.n, place.b0);

    typename Pass::template Ahead<C.warps * 32, C.batch> ahead(in, walk);
    Weights<Shape> weights;
    weights.stored = shared + place.warp * weight_words;
    read_weights<C>(weights, HeadWeights<Pass, D>(in.R, place.n), place);
    for (int i = threadIdx.x; i < 2 * Shape::elements; i += C.warps * 32) {
        published[i] = from_float<T>(0.0f);  // units beyond D stay zero
    }
    __syncthreads();
    typename Pass::Fixed fixed[Shape::tiles];
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
        Pass::read_fixed(fixed[i], in, place.n, place.unit(i));
    }
    PerSequence<Shape, typename Pass::Held> held;
    for_sequences<Shape>([&](int i, int j, int e) {
        const Where at = place.where(in, 0, i, j, e);
        Pass::template read_held<false>(held.of[i][j][e], in, at);
#pragma unroll
        for (int gate = 0; gate < Pass::columns; ++gate) {
            store_published<Shape, D>(published + place.column(j, e) * Shape::stride, gate, at.unit,
                                      Pass::first(in, at, gate));
        }
    });
    // Rows of the steps before the one at hand and before the one whose input is read ahead; beyond the last step: the
    // last one again.
    int row = rows_to_begin<Pass>(in), input_row = row;
    PerSequence<Shape, typename Pass::Input> input[C.prefetch];
#pragma unroll
    for (int p = 0; p < C.prefetch; ++p) {
        for_sequences<Shape>(
            [&](int i, int j, int e) { Pass::load(input[p].of[i][j][e], in, place.where(in, input_row, i, j, e)); });
        input_row += p + 1 < in.T ? walk.advance : 0;
    }
    __syncthreads();

    for (int t = 0; t < in.T; ++t) {
        ahead.next(walk, t);
        PerSequence<Shape, typename Pass::Input> now = input[0];
#pragma unroll
        for (int p = 0; p + 1 < C.prefetch; ++p) {
            input[p] = input[p + 1];
        }
        for_sequences<Shape>([&](int i, int j, int e) {
            Pass::load(input[C.prefetch - 1].of[i][j][e], in, place.where(in, input_row, i, j, e));
        });
        input_row += t + C.prefetch + 1 < in.T ? walk.advance : 0;
        Sums<Shape> sums;
        multiply<C, Pass>(sums, weights, fixed, published + t % 2 * Shape::elements, place.lane);
        T* const next = published + (t + 1) % 2 * Shape::elements;
        for_sequences<Shape>([&](int i, int j, int e) {
            float of_units[Shape::rows][2];
            sums.gather(of_units, i, j, e);
            typename Pass::Output out;
            Pass::step(held.of[i][j][e], out, fixed[i], now.of[i][j][e], of_units, step_at<Pass>(in, t));
#pragma unroll
            for (int gate = 0; gate < Pass::columns; ++gate) {
                store_published<Shape, D>(next + place.column(j, e) * Shape::stride, gate, place.unit(i),
                                          Pass::published(out, gate));
            }
            Pass::store(out, held.of[i][j][e], in, place.where(in, row, i, j, e));
        });
        row += walk.advance;
        __syncthreads();
    }
    Sums<Shape> sums;
    if constexpr (Pass::closes) {
        multiply<C, Pass>(sums, weights, fixed, published + in.T % 2 * Shape::elements, place.lane);
    }
    for_sequences<Shape>([&](int i, int j, int e) {
        float of_units[Shape::rows][2];
        sums.gather(of_units, i, j, e);
        Pass::write_last(held.of[i][j][e], of_units, in, place.where(in, 0, i, j, e));
    });
}
