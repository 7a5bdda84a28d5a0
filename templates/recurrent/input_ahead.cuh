// Brings x into L2 several steps before a block reads it: device memory takes longer to answer than a step takes, L2
// does not.
#pragma once

#include "common/prefetch.cuh"
#include "recurrent/tensors.cuh"

// Steps by which x is in L2 ahead of its use. A step takes 0.2 us or more, device memory 0.6 to 0.8 us under load.
inline constexpr int kStepsAhead = 8;

// The rows of `Batch` sequences of one head, `Row` elements each, fetched by all threads of a block together.
template <class Element, int Threads, int Batch, int Row>
class InputAhead {
  public:
    __device__ InputAhead(const RecurrentTensors<Element>& in, int n, int b0) {
        int b = b0 + static_cast<int>(threadIdx.x) / kLanes;
        at_ = in.x + (static_cast<long long>(b) * in.N + n) * Row + lane() * kLineElements;
        rows_ = in.B - b;
#pragma unroll 1
        for (int t = -kStepsAhead; t < 0; ++t) {
            next(in, t);
        }
    }

    // The rows of step t + kStepsAhead, if there is one.
    __device__ void next(const RecurrentTensors<Element>& in, int t) {
        if (t + kStepsAhead >= in.T) {
            return;
        }
#pragma unroll
        for (int pass = 0; pass * kRows < Batch; ++pass) {
#pragma unroll
            for (int line = 0; line < kLines; line += kLanes) {
                if (pass * kRows < rows_ && line + lane() < kLines) {
                    prefetch_l2(at_ + static_cast<long long>(pass * kRows * Row) * in.N + line * kLineElements);
                }
            }
        }
        at_ += static_cast<long long>(in.B * in.N) * Row;
    }

  private:
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
