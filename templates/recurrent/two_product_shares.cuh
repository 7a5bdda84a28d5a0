// What a block does of the products of a step: on tensor cores, with the weights that shared memory has room for there
// and the others from L2 in every step; or in f32 arithmetic, with all of them from L2. Sums go to shared memory, where
// a thread picks up those of its items: two units of one sequence, or one in f32.
#pragma once

#include "recurrent/in_turn_fma.cuh"
#include "recurrent/shared_head.cuh"
#include "recurrent/two_product_passes.cuh"

// One product of a step on tensor cores, with its weights.
template <RecurrentConfig C, class Pass, class Product, int D>
struct TensorCoreProduct {
    using T = typename Pass::Type;
    using Shape = SharedShape<C, Product, D>;
    static constexpr int kWords = C.warps * Shape::weight_words;  // of 16 bytes, in shared memory
    SharedBlock<C, Product, D> block;
    SharedWeights<C, Product, D> weights;

    __device__ TensorCoreProduct(const typename Pass::Tensors& in, uint4* stored, int rank, int n, int b0)
        : block{static_cast<int>(threadIdx.x % 32), static_cast<int>(threadIdx.x / 32), rank, n, b0},
          weights(stored + block.warp * Shape::weight_words, {Product::weights(in), n}) {
        if constexpr (C.in_turn == 0) {
            read_weights(weights, block);
        }
    }

    template <class Taken>
    __device__ void multiply(const typename Pass::Tensors& in, Taken taken, float* sums) const {
        constexpr int words = 8 * Shape::tiles + 4 * Shape::n_tiles;  // registers that a group of columns takes
        constexpr int under_way = words < kWordsUnderWay ? kWordsUnderWay / words : 1;
        PartialSums<Shape> partial;
        if (taken.exists()) {
#pragma unroll(under_way)
            for (int k = 0; k < Shape::held; ++k) {
                multiply_group_taken(partial, in, taken, k);
            }
#pragma unroll(under_way)
            for (int k = Shape::held; k < Shape::groups; ++k) {
                multiply_group_taken(partial, in, taken, k);
            }
        }
        store_sums(partial, block, sums);
    }

    __device__ UnitPair<C, Product, D> pair(const typename Pass::Tensors& in, int item) const {
        return {block, in, item};
    }

  private:
    template <class Taken>
    __device__ void multiply_group_taken(PartialSums<Shape>& partial, const typename Pass::Tensors& in, Taken taken,
                                         int k) const {
        const int piece = block.column_piece(k);
        uint4 state[Shape::n_tiles];
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
            const int sequence = j * 8 + block.lane / 4;
            state[j] = piece < Shape::all_pieces && block.b0 + sequence < in.B
                           ? taken.load(sequence, piece * Shape::piece)
                           : make_uint4(0, 0, 0, 0);
        }
        multiply_group<T>(partial, weights, block, k, state);
    }
};

// In place of a second product.
struct NoProduct {
    static constexpr int kWords = 0;
    template <class Tensors>
    __device__ NoProduct(const Tensors&, uint4*, int, int, int) {}
};

// Before, After: words of weights in shared memory that others have, in front of its own and between them and the sums.
template <RecurrentConfig C, class Pass, int D, int Before = 0, int After = 0>
class TensorCoreShare {
    using First = TensorCoreProduct<C, Pass, ProductOf<Pass, 0>, D>;
    using Second = Choose<(Pass::kFirst < Pass::G), TensorCoreProduct<C, Pass, ProductOf<Pass, 1>, D>, NoProduct>;

  public:
    static constexpr int kItems = First::Shape::thread_pairs;
    static constexpr int kSlots = First::Shape::units / 2;  // of items, per sequence
    static constexpr int kLanesOfASector = 4;
    template <int Number>
    static constexpr int kRows = ProductOf<Pass, Number>::rows;

    const int n;

    __device__ TensorCoreShare(const typename Pass::Tensors& in, int rank, int head, int b0)
        : n(head), first_(in, memory(), rank, head, b0), second_(in, memory() + First::kWords, rank, head, b0) {}

    __device__ Where where(const typename Pass::Tensors& in, int item, int steps) const {
        const auto pair = first_.pair(in, item);
        Where at = pair.where(first_.block, steps);
        at.unit = pair.exists ? at.unit : D;
        return at;
    }

    // The sequence of an item, in the block, and its number among those of it; beyond kSlots where there is no item.
    __device__ int sequence(const typename Pass::Tensors& in, int item) const { return first_.pair(in, item).sequence; }
    __device__ int slot(const typename Pass::Tensors& in, int item) const { return first_.pair(in, item).unit / 2; }

    // Of step t, to shared memory; until all threads of the block are there.
    template <int Number>
    __device__ void multiply(const typename Pass::Tensors& in, int t) const {
        const auto taken = Pass::template taken_in<Number>(in, first_.block.b0, n, t);
        if constexpr (Number == 0) {
            first_.multiply(in, taken, sums());
        } else {
            second_.multiply(in, taken, sums());
        }
        __syncthreads();
    }

    template <int Number>
    __device__ void gather_sums(float (&of_units)[kRows<Number>][2], const typename Pass::Tensors& in,
                                const typename Pass::Fixed& fixed, int item) const {
        if constexpr (Number == 0) {
            gather(of_units, fixed, first_.pair(in, item), sums());
        } else {
            gather(of_units, fixed, second_.pair(in, item), sums());
        }
    }

    // Units of the head that the block of that rank has.
    __device__ static constexpr int units(int rank) {
        const int left = D - rank * First::Shape::units;
        return left < First::Shape::units ? left : First::Shape::units;
    }

    static constexpr int kWords = First::kWords + Second::kWords;  // of weights in shared memory

    // Shared memory from the sums on.
    __device__ static float* sums() { return reinterpret_cast<float*>(memory() + kWords + After); }
    static constexpr int kSumElements = First::Shape::sum_elements;  // of one product

  private:
    __device__ static uint4* memory() {
        extern __shared__ uint4 shared[];
        return shared + Before;
    }

    First first_;
    Second second_;
};

template <RecurrentConfig C, class Pass, int D>
class FmaShare {
    template <int Number>
    using Product = ProductOf<Pass, Number>;
    template <int Number>
    using Shape = FmaShareShape<C, Product<Number>, D>;
    static constexpr int kUnits = Shape<0>::units;  // at once
    static constexpr int kRounds = ceil_div(ceil_div(D, kUnits), C.blocks);
    static constexpr int kCells = kUnits * C.batch;  // of a round

  public:
    static constexpr int kSlots = kRounds * kUnits;  // of items, per sequence
    static constexpr int kItems = ceil_div(kSlots * C.batch, Shape<0>::threads);
    static constexpr int kLanesOfASector = 8;
    template <int Number>
    static constexpr int kRows = Product<Number>::rows;

    const int n;

    __device__ FmaShare(const typename Pass::Tensors&, int rank, int head, int b0) : n(head), rank_(rank), b0_(b0) {}

    __device__ Where where(const typename Pass::Tensors& in, int item, int steps) const {
        const int unit = rank_ * kSlots + slot(in, item);
        Where at = where_of<Product<0>>(in, b0_ + sequence(in, item), n, steps, unit);
        at.inside = at.inside && index_of(item) < kSlots * C.batch && unit < D;
        at.unit = unit < D ? unit : D;
        return at;
    }

    // The units of a round are side by side, for all sequences.
    __device__ int sequence(const typename Pass::Tensors&, int item) const { return index_of(item) % kCells / kUnits; }
    __device__ int slot(const typename Pass::Tensors&, int item) const {
        return index_of(item) / kCells * kUnits + index_of(item) % kUnits;
    }

    template <int Number>
    __device__ void multiply(const typename Pass::Tensors& in, int t) const {
        using OfProduct = Shape<Number>;
        const HeadWeights<Product<Number>, D> weights(Product<Number>::weights(in), n);
        const auto taken = Pass::template taken_in<Number>(in, b0_, n, t);
#pragma unroll 1
        for (int round = 0; round < kRounds; ++round) {
            float of_units[OfProduct::rows][C.batch] = {};
#pragma unroll 1
            for (int first = 0; first < OfProduct::k_end && taken.exists(); first += kShareColumns) {
                __syncthreads();  // all are through with the columns before
                read_columns<C, OfProduct>(columns(), taken, in.B - b0_, first);
                __syncthreads();
                multiply_columns<C, Product<Number>, D>(of_units, weights, columns(), place(round), first);
            }
            store_share_sums<C, Product<Number>, D>(sums_of<Number>(round), of_units);
        }
        __syncthreads();
    }

    template <int Number>
    __device__ void gather_sums(float (&of_unit)[kRows<Number>][1], const typename Pass::Tensors&,
                                const typename Pass::Fixed& fixed, int item) const {
        const int index = index_of(item), round = index < kSlots * C.batch ? index / kCells : 0;
        gather_share_sums<C, Product<Number>, D>(of_unit, fixed, sums_of<Number>(round), index % kCells);
    }

    // Units of the head that the block of that rank has.
    __device__ static constexpr int units(int rank) {
        const int left = D - rank * kSlots;
        return left < kSlots ? left : kSlots;
    }

    __device__ static float* sums() {
        return columns() + C.batch * kShareColumns;
    }
    static constexpr int kSumElements = kRounds * Shape<0>::parts * kRows<0> * kCells;

  private:
    __device__ static int index_of(int item) {
        return static_cast<int>(threadIdx.x) + item * Shape<0>::threads;
    }
    __device__ SharePlace place(int round) const {
        return {rank_ * kRounds + round, n, b0_};
    }

    __device__ static float* columns() {
        extern __shared__ uint4 shared[];
        return reinterpret_cast<float*>(shared);
    }
    template <int Number>
    __device__ static float* sums_of(int round) {
        return sums() + round * Shape<Number>::parts * kRows<Number> * kCells;
    }

    int rank_, b0_;
};
