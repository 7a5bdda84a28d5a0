// The recurrent skeleton for 16-bit elements: R h on tensor cores, weights as the A operand so that a batch of 8 fills
// a tile. A thread holds every gate of its units, so the cell is computed where the sums are and only h is exchanged.
//
// Row r and row r + 8 of a weight tile are made neighbouring units (2r, 2r + 1): a thread's two rows then read and
// write one 32-bit word of x and h.
#pragma once

#include "common/mma.cuh"
#include "recurrent/config.cuh"
#include "recurrent/input_ahead.cuh"
#include "recurrent/tensors.cuh"

// Sizes that follow from the configuration.
template <RecurrentConfig C, class Cell, int D>
struct TensorCoreShape {
    static constexpr int G = Cell::gates;
    static constexpr int k_tiles = ceil_div(D, 16);           // along the input units; also tiles of output units
    static constexpr int tiles = ceil_div(k_tiles, C.warps);  // of 16 units, per warp
    static constexpr int n_tiles = C.batch / 8;
    static constexpr int shared_k = k_tiles - C.register_k;  // weight tiles kept in shared memory
    static constexpr int kept_k = C.register_k > 0 ? C.register_k : 1;
    static constexpr int h_stride = k_tiles * 16 + 8;  // elements; the 8 keep banks apart
    static constexpr int h_elements = C.batch * h_stride;
    static_assert(C.chains >= 1 && C.chains <= k_tiles && C.batch % 8 == 0 && C.register_k >= 0 && shared_k >= 0 &&
                      C.prefetch >= 1,
                  "as the space promises");
};

// Two neighbouring elements as one word; units at or beyond D read as zero.
template <class T, int D>
__device__ unsigned load_pair(const T* row, int unit, bool inside) {
    if constexpr (D % 2 == 0) {
        return inside && unit < D ? *reinterpret_cast<const unsigned*>(row + unit) : 0U;
    } else {
        float low = inside && unit < D ? to_float(row[unit]) : 0.0f;
        float high = inside && unit + 1 < D ? to_float(row[unit + 1]) : 0.0f;
        return pack<T>(low, high);
    }
}

template <class T, int D>
__device__ void store_pair(T* row, int unit, unsigned both, bool inside) {
    if (!inside || unit >= D) {
        return;
    }
    if constexpr (D % 2 == 0) {
        *reinterpret_cast<unsigned*>(row + unit) = both;
    } else {
        float2 values = unpack<T>(both);
        row[unit] = from_float<T>(values.x);
        if (unit + 1 < D) {
            row[unit + 1] = from_float<T>(values.y);
        }
    }
}

// h for the next step. Units at or beyond D stay zero, whatever a cell makes of their zero inputs.
template <int D, class T>
__device__ void store_shared(T* row, int unit, unsigned both) {
    if (unit < D) {
        *reinterpret_cast<unsigned*>(row + unit) = unit + 1 < D ? both : both & 0xffffU;
    }
}

// The A fragment of 16 units from `unit0` and 16 input units from `k0` of one gate's D x D weights.
template <class T, int D>
__device__ FragmentA load_weights(const T* gate, int unit0, int k0, int lane) {
    int unit = unit0 + 2 * (lane / 4);
    int k = k0 + 2 * (lane % 4);
    const T* even = gate + static_cast<long long>(unit) * D;
    return {{load_pair<T, D>(even, k, unit < D), load_pair<T, D>(even + D, k, unit + 1 < D),
             load_pair<T, D>(even, k + 8, unit < D), load_pair<T, D>(even + D, k + 8, unit + 1 < D)}};
}

// One thread's place in the block: which units and which sequences its accumulators belong to.
template <RecurrentConfig C, class Cell, int D>
struct Place {
    using Shape = TensorCoreShape<C, Cell, D>;
    int lane, warp, n, b0;

    __device__ int unit0(int tile) const { return (tile * C.warps + warp) * 16; }
    __device__ int unit(int tile) const { return unit0(tile) + 2 * (lane / 4); }
    __device__ int column(int n_tile, int e) const { return n_tile * 8 + 2 * (lane % 4) + e; }
};

// x of one step: for every tile, gate, tile of sequences and sequence, a pair of units.
template <class Shape>
struct StepInput {
    unsigned pair[Shape::tiles][Shape::G][Shape::n_tiles][2];
};

// Where a thread reads x or writes h: the row of its first sequence at one step, `Row` elements long. The other
// sequences and the next step follow at distances that the launch decides, so that a step costs one addition.
template <class Element, int Row>
struct Cursor {
    Element* at;
    int N, sequences;  // B * N

    template <class T, class Place>
    __device__ Cursor(Element* tensor, const RecurrentTensors<T>& in, const Place& place)
        : at(tensor + (static_cast<long long>(place.b0 + place.column(0, 0)) * in.N + place.n) * Row),
          N(in.N),
          sequences(in.B * in.N) {}

    __device__ Element* sequence(int column) const { return at + static_cast<long long>(column * Row) * N; }
    __device__ void advance() { at += static_cast<long long>(sequences) * Row; }
};

template <int D, class T, class Shape, class Place>
__device__ void load_input(StepInput<Shape>& input, const Cursor<const T, Shape::G * D>& x,
                           const RecurrentTensors<T>& in, const Place& place) {
#pragma unroll
    for (int j = 0; j < Shape::n_tiles; ++j) {
#pragma unroll
        for (int e = 0; e < 2; ++e) {
            bool inside = place.b0 + place.column(j, e) < in.B;
            const T* row = x.sequence(j * 8 + e);
#pragma unroll
            for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
                for (int g = 0; g < Shape::G; ++g) {
                    input.pair[i][g][j][e] = load_pair<T, D>(row + g * D, place.unit(i), inside);
                }
            }
        }
    }
}

// The weights of this warp's units: fragments of the first register_k tiles along k in registers, those of the rest in
// shared memory, 16 bytes a lane, so that loading one again has no bank conflict.
template <class Shape>
struct Weights {
    FragmentA kept[Shape::tiles][Shape::G][Shape::kept_k];
    uint4* stored;  // of this warp

    __device__ uint4& slot(int tile, int gate, int k, int lane) const {
        return stored[((tile * Shape::G + gate) * Shape::shared_k + k) * 32 + lane];
    }
};

template <RecurrentConfig C, class T, int D, class Shape, class Place>
__device__ void read_weights(Weights<Shape>& weights, const T* R, const Place& place) {
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
        for (int g = 0; g < Shape::G; ++g) {
            const T* gate = R + (static_cast<long long>(place.n) * Shape::G + g) * D * D;
#pragma unroll
            for (int k = 0; k < Shape::k_tiles; ++k) {
                FragmentA a = load_weights<T, D>(gate, place.unit0(i), k * 16, place.lane);
                if (k < C.register_k) {
                    weights.kept[i][g][k % Shape::kept_k] = a;
                } else {
                    weights.slot(i, g, k - C.register_k, place.lane) = make_uint4(a.r[0], a.r[1], a.r[2], a.r[3]);
                }
            }
        }
    }
}

// What a thread keeps from step to step: biases of its units, states of its units and sequences. The four entries of a
// tile are those of FragmentD: sequence e of unit 2r, then of unit 2r + 1.
template <class Shape, class T, int S>
struct Held {
    float2 bias[Shape::tiles][Shape::G];
    Number<T> state[Shape::tiles][Shape::n_tiles][4][S];
};

template <class T, int D, int S, class Shape, class Place>
__device__ void read_first(Held<Shape, T, S>& held, const RecurrentTensors<T>& in, const Place& place, T* h_shared) {
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
        int unit = place.unit(i);
#pragma unroll
        for (int g = 0; g < Shape::G; ++g) {
            held.bias[i][g] = unpack<T>(load_pair<T, D>(in.bias + (place.n * Shape::G + g) * D, unit, true));
        }
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
#pragma unroll
            for (int e = 0; e < 2; ++e) {
                int b = place.b0 + place.column(j, e);
                bool inside = b < in.B;
                long long offset = inside ? in.template state_offset<D>(b, place.n) : 0;
                unsigned both = load_pair<T, D>(in.h0 + offset, unit, inside);
                store_shared<D>(h_shared + place.column(j, e) * Shape::h_stride, unit, both);
                float2 first = unpack<T>(both);
                held.state[i][j][e][0] = first.x;
                held.state[i][j][2 + e][0] = first.y;
#pragma unroll
                for (int s = 1; s < S; ++s) {
                    const float* row = in.states[2 * (s - 1)] + offset;
                    held.state[i][j][e][s] = inside && unit < D ? row[unit] : 0.0f;
                    held.state[i][j][2 + e][s] = inside && unit + 1 < D ? row[unit + 1] : 0.0f;
                }
            }
        }
    }
}

template <class T, int D, int S, class Shape, class Place>
__device__ void write_last(const Held<Shape, T, S>& held, const RecurrentTensors<T>& in, const Place& place) {
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
        int unit = place.unit(i);
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
#pragma unroll
            for (int e = 0; e < 2; ++e) {
                int b = place.b0 + place.column(j, e);
                bool inside = b < in.B;
                long long offset = inside ? in.template state_offset<D>(b, place.n) : 0;
                unsigned both = pack<T>(held.state[i][j][e][0].value, held.state[i][j][2 + e][0].value);
                store_pair<T, D>(in.hT + offset, unit, both, inside);
#pragma unroll
                for (int s = 1; s < S; ++s) {
                    float* row = in.states[2 * (s - 1) + 1] + offset;
                    if (inside && unit < D) {
                        row[unit] = held.state[i][j][e][s].value;
                    }
                    if (inside && unit + 1 < D) {
                        row[unit + 1] = held.state[i][j][2 + e][s].value;
                    }
                }
            }
        }
    }
}

template <int Chains, int I, int G, int J>
__device__ void add_up(FragmentD (&sums)[I][G][J], const FragmentD (&partial)[Chains][I][G][J]) {
#pragma unroll
    for (int i = 0; i < I * G * J; ++i) {
        sums[i / (G * J)][i / J % G][i % J] = partial[0][i / (G * J)][i / J % G][i % J];
#pragma unroll
        for (int chain = 1; chain < Chains; ++chain) {
#pragma unroll
            for (int v = 0; v < 4; ++v) {
                sums[i / (G * J)][i / J % G][i % J].v[v] += partial[chain][i / (G * J)][i / J % G][i % J].v[v];
            }
        }
    }
}

// sums = bias + R h over all tiles of k, h in shared memory as [sequence][unit]. Tiles of k are added up in C.chains
// sums at once, for each product waits for the one before it in its own sum.
template <RecurrentConfig C, class T, int S, class Shape>
__device__ void multiply(FragmentD (&sums)[Shape::tiles][Shape::G][Shape::n_tiles], const Weights<Shape>& weights,
                         const Held<Shape, T, S>& held, const T* h, int lane) {
    FragmentD partial[C.chains][Shape::tiles][Shape::G][Shape::n_tiles];
#pragma unroll
    for (int k = 0; k < Shape::k_tiles; ++k) {
        FragmentB state[Shape::n_tiles];
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
            load_matrices(state[j].r, h + (j * 8 + lane % 8) * Shape::h_stride + k * 16 + (lane / 8 % 2) * 8);
        }
#pragma unroll
        for (int i = 0; i < Shape::tiles; ++i) {
#pragma unroll
            for (int g = 0; g < Shape::G; ++g) {
                FragmentA a = weights.kept[i][g][k % Shape::kept_k];
                if (k >= C.register_k) {
                    uint4 word = weights.slot(i, g, k - C.register_k, lane);
                    a = {{word.x, word.y, word.z, word.w}};
                }
#pragma unroll
                for (int j = 0; j < Shape::n_tiles; ++j) {
                    if (k < C.chains) {
                        float2 bias = k == 0 ? held.bias[i][g] : make_float2(0.0f, 0.0f);
                        partial[k][i][g][j] = {{bias.x, bias.x, bias.y, bias.y}};
                    }
                    mma<T>(partial[k % C.chains][i][g][j], a, state[j]);
                }
            }
        }
    }
    add_up<C.chains>(sums, partial);
}

// The cell at one step: new states, and h to global memory and, for the next step, to shared memory.
template <class Cell, class T, int D, int S, class Shape, class Place>
__device__ void step_cells(Held<Shape, T, S>& held, const FragmentD (&sums)[Shape::tiles][Shape::G][Shape::n_tiles],
                           const StepInput<Shape>& input, const RecurrentTensors<T>& in, const Place& place,
                           const Cursor<T, D>& h, T* h_next) {
#pragma unroll
    for (int i = 0; i < Shape::tiles; ++i) {
        int unit = place.unit(i);
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
#pragma unroll
            for (int e = 0; e < 2; ++e) {
                Number<T> x[2][Shape::G], product[2][Shape::G];
#pragma unroll
                for (int g = 0; g < Shape::G; ++g) {
                    float2 pair = unpack<T>(input.pair[i][g][j][e]);
                    x[0][g] = pair.x;
                    x[1][g] = pair.y;
                    product[0][g] = sums[i][g][j].v[e];
                    product[1][g] = sums[i][g][j].v[2 + e];
                }
                Number<T> even = Cell::step(x[0], product[0], held.state[i][j][e]);
                Number<T> odd = Cell::step(x[1], product[1], held.state[i][j][2 + e]);
                unsigned both = pack<T>(even.value, odd.value);
                store_shared<D>(h_next + place.column(j, e) * Shape::h_stride, unit, both);
                store_pair<T, D>(h.sequence(j * 8 + e), unit, both, place.b0 + place.column(j, e) < in.B);
            }
        }
    }
}

template <RecurrentConfig C, class Cell, class T, int D>
__device__ void recurrent_tensor_core(const RecurrentTensors<T>& in) {
    using Shape = TensorCoreShape<C, Cell, D>;
    constexpr int weight_words = Shape::tiles * Shape::G * Shape::shared_k * 32;  // of 16 bytes, per warp
    extern __shared__ uint4 shared[];
    Place<C, Cell, D> place{static_cast<int>(threadIdx.x % 32), static_cast<int>(threadIdx.x / 32),
                            static_cast<int>(blockIdx.x), static_cast<int>(blockIdx.y) * C.batch};
    T* h_shared = reinterpret_cast<T*>(shared + C.warps * weight_words);  // this step's and the next one's

    InputAhead<T, C.warps * 32, C.batch, Shape::G * D> ahead(in, place.n, place.b0);
    Weights<Shape> weights;
    weights.stored = shared + place.warp * weight_words;
    read_weights<C, T, D>(weights, in.R, place);
    for (int i = threadIdx.x; i < 2 * Shape::h_elements; i += C.warps * 32) {
        h_shared[i] = from_float<T>(0.0f);  // units beyond D stay zero
    }
    __syncthreads();
    Held<Shape, T, Cell::states> held;
    read_first<T, D>(held, in, place, h_shared);
    Cursor<const T, Shape::G * D> x(in.x, in, place);
    Cursor<T, D> h(in.h, in, place);
    StepInput<Shape> input[C.prefetch];
#pragma unroll
    for (int p = 0; p < C.prefetch; ++p) {
        load_input<D>(input[p], x, in, place);
        if (p + 1 < in.T) {  // beyond the last step: the last one again
            x.advance();
        }
    }
    __syncthreads();

    for (int t = 0; t < in.T; ++t) {
        ahead.next(in, t);
        StepInput<Shape> now = input[0];
#pragma unroll
        for (int p = 0; p + 1 < C.prefetch; ++p) {
            input[p] = input[p + 1];
        }
        load_input<D>(input[C.prefetch - 1], x, in, place);
        if (t + C.prefetch + 1 < in.T) {
            x.advance();
        }
        FragmentD sums[Shape::tiles][Shape::G][Shape::n_tiles];
        multiply<C>(sums, weights, held, h_shared + (t % 2) * Shape::h_elements, place.lane);
        step_cells<Cell, T, D>(held, sums, now, in, place, h, h_shared + ((t + 1) % 2) * Shape::h_elements);
        h.advance();
        __syncthreads();
    }
    write_last<T, D>(held, in, place);
}
