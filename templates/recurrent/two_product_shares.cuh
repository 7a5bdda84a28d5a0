// What a block does of both products of a step: on tensor cores, with the weights that shared memory has room for there
// and the others from L2 in every step; or in f32 arithmetic, with all of them from L2. Sums go to shared memory, where
// a thread picks up those of its items: two units of one sequence, or one in f32.
#pragma once

#include "recurrent/in_turn_fma.cuh"
#include "recurrent/shared_head.cuh"
#include "recurrent/two_product_passes.cuh"

template <RecurrentConfig C, class Pass, int D>
class TensorCoreShare {
    using T = typename Pass::Type;
    template <int Number>
    using Product = ProductOf<Pass, Number>;
    template <int Number>
    using Shape = SharedShape<C, Product<Number>, D>;

  public:
    static constexpr int kItems = Shape<0>::thread_pairs;
    static constexpr int kLanesOfASector = 4;
    template <int Number>
    static constexpr int kRows = Product<Number>::rows;

    const int n;

    __device__ TensorCoreShare(const typename Pass::Tensors& in, int rank, int head, int b0)
        : n(head),
          first_{lane(), warp(), rank, head, b0},
          second_{lane(), warp(), rank, head, b0},
          first_weights_(memory() + warp() * Shape<0>::weight_words, {Product<0>::weights(in), head}),
          second_weights_(memory() + C.warps * Shape<0>::weight_words + warp() * Shape<1>::weight_words,
                          {Product<1>::weights(in), head}) {
        if constexpr (C.in_turn == 0) {
            read_weights(first_weights_, first_);
            read_weights(second_weights_, second_);
        }
    }

    __device__ Where where(const typename Pass::Tensors& in, int item, int steps) const {
        const UnitPair<C, Product<0>, D> pair(first_, in, item);
        Where at = pair.where(first_, steps);
        at.unit = pair.exists ? at.unit : D;
        return at;
    }

    // Of step t, to shared memory; until all threads of the block are there.
    template <int Number>
    __device__ void multiply(const typename Pass::Tensors& in, int t) const {
        if constexpr (Number == 0) {
            multiply(first_weights_, first_, in, Pass::template taken_in<0>(in, first_.b0, n, t));
        } else {
            multiply(second_weights_, second_, in, Pass::template taken_in<1>(in, first_.b0, n, t));
        }
    }

    template <int Number>
    __device__ void gather_sums(float (&sums)[kRows<Number>][2], const typename Pass::Tensors& in,
                                const typename Pass::Fixed& fixed, int item) const {
        const SharedBlock<C, Product<Number>, D> block{lane(), warp(), first_.rank, n, first_.b0};
        gather<C, Product<Number>, D>(sums, fixed, UnitPair<C, Product<Number>, D>(block, in, item), all_sums());
    }

  private:
    __device__ static int lane() { return static_cast<int>(threadIdx.x % 32); }
    __device__ static int warp() { return static_cast<int>(threadIdx.x / 32); }
    __device__ static uint4* memory() {
        extern __shared__ uint4 shared[];
        return shared;
    }
    __device__ static float* all_sums() {
        return reinterpret_cast<float*>(memory() + C.warps * (Shape<0>::weight_words + Shape<1>::weight_words));
    }

    template <class Product>
    __device__ static void multiply(const SharedWeights<C, Product, D>& weights,
                                    const SharedBlock<C, Product, D>& block, const typename Pass::Tensors& in,
                                    TakenIn<T> taken) {
        using OfProduct = SharedShape<C, Product, D>;
        constexpr int words = 8 * OfProduct::tiles + 4 * OfProduct::n_tiles;  // registers that a group of columns takes
        constexpr int under_way = words < kWordsUnderWay ? kWordsUnderWay / words : 1;
        PartialSums<OfProduct> partial;
        if (taken.row != nullptr) {
#pragma unroll(under_way)
            for (int k = 0; k < OfProduct::held; ++k) {
                multiply_taken(partial, weights, block, in, taken, k);
            }
#pragma unroll(under_way)
            for (int k = OfProduct::held; k < OfProduct::groups; ++k) {
                multiply_taken(partial, weights, block, in, taken, k);
            }
        }
        store_sums(partial, block, all_sums());
        __syncthreads();
    }

    template <class Product>
    __device__ static void multiply_taken(PartialSums<SharedShape<C, Product, D>>& partial,
                                          const SharedWeights<C, Product, D>& weights,
                                          const SharedBlock<C, Product, D>& block, const typename Pass::Tensors& in,
                                          TakenIn<T> taken, int k) {
        using OfProduct = SharedShape<C, Product, D>;
        const int octet = block.column_octet(k);
        uint4 state[OfProduct::n_tiles];
#pragma unroll
        for (int j = 0; j < OfProduct::n_tiles; ++j) {
            const int sequence = j * 8 + block.lane / 4;
            state[j] = octet < OfProduct::all_octets && block.b0 + sequence < in.B
                           ? load_relaxed_16(taken.row + sequence * taken.next_sequence + octet * 8)
                           : make_uint4(0, 0, 0, 0);
        }
        multiply_group<T>(partial, weights, block, k, state);
    }

    SharedBlock<C, Product<0>, D> first_;
    SharedBlock<C, Product<1>, D> second_;
    SharedWeights<C, Product<0>, D> first_weights_;
    SharedWeights<C, Product<1>, D> second_weights_;
};

template <RecurrentConfig C, class Pass, int D>
class FmaShare {
    template <int Number>
    using Product = ProductOf<Pass, Number>;
    template <int Number>
    using Shape = FmaShareShape<C, Product<Number>, D>;
    static constexpr int kUnits = Shape<0>::units;  // at once
    static constexpr int kRounds = ceil_div(ceil_div(D, kUnits), C.blocks);

  public:
    static constexpr int kItems = kRounds * Shape<0>::cells;
    static constexpr int kLanesOfASector = 8;
    template <int Number>
    static constexpr int kRows = Product<Number>::rows;

    const int n;

    __device__ FmaShare(const typename Pass::Tensors&, int rank, int head, int b0) : n(head), rank_(rank), b0_(b0) {}

    __device__ Where where(const typename Pass::Tensors& in, int item, int steps) const {
        const int index = index_of(item), unit = place(item / Shape<0>::cells).rank * kUnits + index % kUnits;
        Where at = where_of<Product<0>>(in, b0_ + index / kUnits, n, steps, unit);
        at.inside = at.inside && index < kUnits * C.batch && unit < D;
        at.unit = unit < D ? unit : D;
        return at;
    }

    template <int Number>
    __device__ void multiply(const typename Pass::Tensors& in, int t) const {
        using OfProduct = Shape<Number>;
        const HeadWeights<Product<Number>, D> weights(Product<Number>::weights(in), n);
        const TakenIn<float> taken = Pass::template taken_in<Number>(in, b0_, n, t);
#pragma unroll 1
        for (int round = 0; round < kRounds; ++round) {
            float sums[OfProduct::rows][C.batch] = {};
#pragma unroll 1
            for (int first = 0; first < OfProduct::k_end && taken.row != nullptr; first += kShareColumns) {
                __syncthreads();  // all are through with the columns before
                read_columns<C, OfProduct>(columns(), taken, in.B - b0_, first);
                __syncthreads();
                multiply_columns<C, Product<Number>, D>(sums, weights, columns(), place(round), first);
            }
            store_share_sums<C, Product<Number>, D>(sums_of<Number>(round), sums);
        }
        __syncthreads();
    }

    template <int Number>
    __device__ void gather_sums(float (&sums)[kRows<Number>][1], const typename Pass::Tensors&,
                                const typename Pass::Fixed& fixed, int item) const {
        gather_share_sums<C, Product<Number>, D>(sums, fixed, sums_of<Number>(item / Shape<0>::cells), index_of(item));
    }

  private:
    __device__ static int index_of(int item) {
        return static_cast<int>(threadIdx.x) + item % Shape<0>::cells * Shape<0>::threads;
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
        return columns() + C.batch * kShareColumns + round * Shape<Number>::parts * kRows<Number> * kUnits * C.batch;
    }

    int rank_, b0_;
};
