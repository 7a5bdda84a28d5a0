// What one block of the weight gradients reads, and how tiles of it reach shared memory.
#pragma once

#include "common/async_copy.cuh"
#include "common/wgmma.cuh"
#include "recurrent_weights/config.cuh"

// One head. A sum runs over all rows: row k is step k / B of sequence k % B, or, batch first, step k % steps of
// sequence k / steps.
template <class T>
struct WeightTensors {
    const T* dr;        // rows of M elements
    const T *h0, *h;    // rows of D elements: the rows of h0, then those of h
    float *dR, *dbias;  // [M][D] and [M]
    const int* resets;  // of each row, where there are any
    int rows, steps, B;
    int dr_stride, h_stride;  // elements between rows
};

// A tile of dr or h in shared memory. For warps and lanes it is rows one after another, so far apart that ldmatrix
// finds eight of them in other banks; for warpgroups columns by 64, as they take them.
template <bool wgmma, int Columns, int Rows, class T>
struct WeightTile {
    static constexpr int stride = wgmma ? 64 : Columns + (is_same<T, float> ? 0 : 8);  // elements between rows
    static constexpr int elements = wgmma ? Columns * Rows : stride * Rows;

    __device__ static int at(int k, int column) {
        if constexpr (wgmma) {
            return column / 64 * (64 * Rows) + k * 64 + swizzled_unit(column / 8 % 8, k) * 8 + column % 8;
        } else {
            return k * stride + column;
        }
    }
};

// Sizes that follow from the configuration.
template <RecurrentWeightsConfig C, class T, int Rows, bool Reverse, bool BatchFirst, bool Resets,
          bool SameStep = false>
struct WeightShape {
    static constexpr bool reverse = Reverse, batch_first = BatchFirst, resets = Resets, same_step = SameStep;
    static constexpr int M = Rows;
    static constexpr int threads = C.warps_m * C.warps_n * 32;
    static constexpr int warp_m = C.tile_m / C.warps_m, warp_n = C.tile_n / C.warps_n;  // of one warp
    using DrTile = WeightTile<C.wgmma == 1, C.tile_m, C.tile_k, T>;
    using HTile = WeightTile<C.wgmma == 1, C.tile_n, C.tile_k, T>;
    static constexpr int stage_elements = DrTile::elements + HTile::elements;
    static_assert(warp_m * C.warps_m == C.tile_m && warp_n * C.warps_n == C.tile_n && C.stages >= 2 + C.wgmma,
                  "as the space promises");
};

// Where this thread's block and warp are.
template <RecurrentWeightsConfig C, class Shape>
struct WeightPlace {
    int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
    int rank = static_cast<int>(blockIdx.x) % C.k_split;  // in the cluster
    int first_row = static_cast<int>(blockIdx.y) * C.tile_m;
    int first_column = static_cast<int>(blockIdx.x) / C.k_split * C.tile_n;
    int warp_column = warp % C.warps_n;              // among the warps of the same rows
    int warp_m0 = warp / C.warps_n * Shape::warp_m;  // in the block's tile
    int warp_n0 = warp_column * Shape::warp_n;
    bool sums_bias = first_column == 0;
};

// Rows of `Width` elements, of which a tile has `Columns`. What lies outside becomes zero.
template <class Tile, int Width, int Columns, int Rows, int Threads>
struct TileCopy {
    // row(k) is where row first + k begins, if reads(k) says that it is to be read.
    template <class T, class Reads, class Row>
    __device__ static void start(T* shared, int first_column, const Reads& reads, const Row& row) {
        constexpr int per_copy = 16 / static_cast<int>(sizeof(T));
        if constexpr (Width % per_copy == 0) {
            constexpr int copies = Columns / per_copy;          // per row
            constexpr bool whole_rows = Threads % copies == 0;  // at once: a thread stays in its column
            static_assert(Columns % per_copy == 0, "as the space promises");
#pragma unroll
            for (int pass = 0; pass < ceil_div(Rows * copies, Threads); ++pass) {
                const int thread = static_cast<int>(threadIdx.x), i = thread + pass * Threads;
                const int k = whole_rows ? thread / copies + pass * (Threads / copies) : i / copies;
                const int column = (whole_rows ? thread : i) % copies * per_copy;
                if (Rows * copies % Threads == 0 || k < Rows) {
                    const bool read = reads(k) && first_column + column < Width;
                    copy_async_16(shared + Tile::at(k, column), row(read ? k : 0) + (read ? first_column + column : 0),
                                  read);
                }
            }
        } else {
#pragma unroll 4
            for (int i = static_cast<int>(threadIdx.x); i < Rows * Columns; i += Threads) {
                int k = i / Columns, column = i % Columns;
                bool read = reads(k) && first_column + column < Width;
                shared[Tile::at(k, column)] = read ? row(k)[first_column + column] : from_float<T>(0.0f);
            }
        }
    }
};

// The tiles of dr and h whose products this block sums, one after another through `stages` places in shared memory. The
// blocks of a cluster take turns, so that together they read neighbouring rows.
template <RecurrentWeightsConfig C, class T, class Shape, int D>
struct WeightTiles {
    T* shared;  // [stages][dr, h]
    const WeightTensors<T>& in;
    const WeightPlace<C, Shape>& place;
    int count;  // at least one, which is all zeros where the rows are too few for all blocks

    __device__ WeightTiles(void* memory, const WeightTensors<T>& tensors, const WeightPlace<C, Shape>& where)
        : shared(static_cast<T*>(memory)),
          in(tensors),
          place(where),
          count(max(ceil_div(ceil_div(tensors.rows, C.tile_k) - where.rank, C.k_split), 1)) {}

    __device__ T* dr(int tile) const { return shared + tile % C.stages * Shape::stage_elements; }
    __device__ T* h(int tile) const { return dr(tile) + Shape::DrTile::elements; }

    // h before the step of row k: of the step after it where the pass went from the last step to the first. Or that of
    // the same step.
    __device__ const T* before(int k) const {
        if constexpr (Shape::same_step) {
            return in.h + static_cast<long long>(k) * in.h_stride;
        }
        bool is_first;
        int row;
        if constexpr (Shape::batch_first) {
            const int sequence = k / in.steps, step = k % in.steps;
            is_first = step == (Shape::reverse ? in.steps - 1 : 0);
            row = is_first ? sequence : Shape::reverse ? k + 1 : k - 1;
        } else {
            is_first = Shape::reverse ? k >= in.rows - in.B : k < in.B;
            row = Shape::reverse ? k + (is_first ? in.B - in.rows : in.B) : k - (is_first ? 0 : in.B);
        }
        return (is_first ? in.h0 : in.h) + static_cast<long long>(row) * in.h_stride;
    }

    __device__ void fetch(int tile) const {
        if (tile < count) {
            int first = (tile * C.k_split + place.rank) * C.tile_k, left = in.rows - first;
            TileCopy<typename Shape::DrTile, Shape::M, C.tile_m, C.tile_k, Shape::threads>::start(
                dr(tile), place.first_row, [&](int k) { return k < left; },
                [&](int k) { return in.dr + static_cast<long long>(first + k) * in.dr_stride; });
            TileCopy<typename Shape::HTile, D, C.tile_n, C.tile_k, Shape::threads>::start(
                h(tile), place.first_column,
                [&](int k) { return k < left && !(Shape::resets && in.resets[first + k] != 0); },
                [&](int k) { return before(first + k); });
        }
        commit_copies();  // also when empty: wait_copies counts groups
    }

    // Tiles that are under way while one is used. Products of warpgroups still use the one before.
    static constexpr int ahead = C.stages - 1 - C.wgmma;

    // Everything that is fetched before the first tile is used.
    __device__ void start() const {
#pragma unroll 1
        for (int tile = 0; tile < ahead; ++tile) {
            fetch(tile);
        }
    }

    // Returns when the next tile is in shared memory for all threads, and they are past using the one whose place
    // fetch_next fills.
    __device__ void await_tile() const {
        wait_copies<ahead - 1>();
        if constexpr (C.wgmma == 1) {
            fence_for_bulk_copies();
        }
        __syncthreads();
    }

    __device__ void fetch_next(int tile) const {
        fetch(tile + ahead);
    }
};
