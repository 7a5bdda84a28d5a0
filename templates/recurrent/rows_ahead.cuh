// Brings what a step reads into L2 several steps before a block reads it: device memory takes longer to answer than a
// step takes, L2 does not.
#pragma once

#include "common/prefetch.cuh"
#include "common/types.cuh"
#include "recurrent/units.cuh"

// Steps by which rows are in L2 ahead of their use. A step takes 0.2 us or more, device memory 0.6 to 0.8 us under
// load.
inline constexpr int kStepsAhead = 8;

// The order in which a block walks through the rows of a tensor of all steps.
struct Walk {
    int first;    // row of the block's first sequence at the first step
    int advance;  // rows from a step to the next one, negative on the way back
    int steps;
    int sequences;      // from the first one to the end of the batch
    int next_sequence;  // rows from a sequence to the next one
    const int*
        starts;  // of packed sequences, whose rows are counted from their own first one; in steps of so many rows
    int heads;
};

// The walk of a block whose sequences of head n begin at b0.
template <class Pass>
__device__ Walk walk_of(const typename Pass::Tensors& in, int n, int b0) {
    const int next_sequence = sequence_rows<Pass>(in);
    return {b0 * next_sequence + n + rows_to_begin<Pass>(in),
            rows_to_next<Pass>(in),
            in.T,
            in.B - b0,
            next_sequence,
            Pass::packed ? in.starts + b0 : nullptr,
            in.N};
}

// The same walk through a tensor without heads, such as resets.
__device__ inline Walk without_heads(const Walk& walk, int heads) {
    return {
        walk.first / heads, walk.advance / heads, walk.steps, walk.sequences, walk.next_sequence / heads, nullptr, 1};
}

// The rows of `Batch` sequences of one head, `Row` elements each, fetched by all threads of a block together.
template <class Element, int Threads, int Batch, int Row>
class RowsAhead {
  public:
    __device__ void start(const Element* tensor, const Walk& walk) {
        int sequence = static_cast<int>(threadIdx.x) / kLanes;
        at_ = tensor + (static_cast<long long>(walk.first) + sequence * walk.next_sequence) * Row +
              lane() * kLineElements;
        rows_ = walk.sequences - sequence;
#pragma unroll 1
        for (int t = -kStepsAhead; t < 0; ++t) {
            next(walk, t);
        }
    }

    // The rows of step t + kStepsAhead of the walk, if there is one.
    __device__ void next(const Walk& walk, int t) {
        if (t + kStepsAhead >= walk.steps) {
            return;
        }
#pragma unroll
        for (int pass = 0; pass * kRows < Batch; ++pass) {
#pragma unroll
            for (int line = 0; line < kLines; line += kLanes) {
                if (pass * kRows < rows_ && line + lane() < kLines) {
                    prefetch_l2(at_ + static_cast<long long>(pass * kRows * Row) * walk.next_sequence +
                                line * kLineElements);
                }
            }
        }
        at_ += static_cast<long long>(walk.advance) * Row;
    }

  protected:
    __host__ __device__ static constexpr int power_of_two(int least) {
        int power = 1;
        while (power < least && power < 32) {
            power *= 2;
        }
        return power;
    }
    static constexpr int kLineElements = kLineBytes / static_cast<int>(sizeof(Element));
    static constexpr int kLines = ceil_div(Row, kLineElements);  // of a row
    static constexpr int kLanes = power_of_two(kLines);          // threads for a row
    static constexpr int kRows = Threads / kLanes;               // that all threads reach at once

    __device__ static int lane() {
        return static_cast<int>(threadIdx.x) % kLanes;
    }

    const Element* at_;  // of the next step to be fetched
    int rows_;           // from this thread's first one to the end of the batch
};

// The same of packed sequences: each has its own place.
template <class Element, int Threads, int Batch, int Row>
class PackedRowsAhead : RowsAhead<Element, Threads, Batch, Row> {
    using Base = RowsAhead<Element, Threads, Batch, Row>;
    using Base::kLanes, Base::kLines, Base::kLineElements, Base::kRows;

  public:
    __device__ void start(const Element* tensor, const Walk& walk) {
        tensor_ = tensor;
#pragma unroll 1
        for (int t = -kStepsAhead; t < 0; ++t) {
            next(walk, t);
        }
    }

    __device__ void next(const Walk& walk, int t) {
        if (t + kStepsAhead >= walk.steps) {
            return;
        }
        const int step = walk.first + (t + kStepsAhead) * walk.advance;
#pragma unroll
        for (int sequence = static_cast<int>(threadIdx.x) / kLanes; sequence < Batch; sequence += kRows) {
            const int row = sequence < walk.sequences ? walk.starts[sequence] * walk.heads + step : 0;
            if (sequence < walk.sequences && row < walk.starts[sequence + 1] * walk.heads) {
#pragma unroll
                for (int line = Base::lane(); line < kLines; line += kLanes) {
                    prefetch_l2(tensor_ + static_cast<long long>(row) * Row + line * kLineElements);
                }
            }
        }
    }

  private:
    const Element* tensor_;
};

template <bool Packed, class Element, int Threads, int Batch, int Row>
using AheadOf = Choose<Packed, PackedRowsAhead<Element, Threads, Batch, Row>, RowsAhead<Element, Threads, Batch, Row>>;

// Resets of `Batch` sequences, which no head has for itself; nothing where there are none.
template <bool Exist, int Threads, int Batch>
class ResetsAhead {
  public:
    __device__ ResetsAhead(const int* resets, const Walk& walk, int heads) : walk_(without_heads(walk, heads)) {
        rows_.start(resets, walk_);
    }
    __device__ void next(int t) { rows_.next(walk_, t); }

  private:
    Walk walk_;
    RowsAhead<int, Threads, Batch, 1> rows_;
};
template <int Threads, int Batch>
class ResetsAhead<false, Threads, Batch> {
  public:
    __device__ ResetsAhead(const int*, const Walk&, int) {}
    __device__ void next(int) {}
};
