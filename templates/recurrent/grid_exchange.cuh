// How blocks that share a head, and are too many for a cluster, hand each other new values: through the output tensor
// that has them anyway, h, or, on the way back, dr. Every word of it is written once in a launch, and so is its own
// flag:
//
// 1. The kernel fills the tensor with words that no block ever publishes (kNotYet). A barrier of the whole grid orders
//    that before all that follows, whatever an earlier launch has left there.
// 2. Who has a new value stores it (relaxed). Who needs it loads the word (relaxed) until it is not kNotYet.
//
// That is enough. A load after the barrier sees the filling or what came after it in the order of writes to this word
// (coherence), and after it there is one write, the new value; once seen, it is never unseen. A word carries all that
// it tells, so nothing else has to be ordered with it: no fence, no release. A load of 16 bytes is four loads of a word
// in no order: each is tested for itself, and what is missing is loaded again. A block publishes step t without waiting
// for anyone to have read step t - 1, for that lies elsewhere. Every wait ends when all blocks are resident, as they
// are in a cooperative launch: the values of a step depend on those of earlier steps alone.
//
// kNotYet is a NaN with sign, or two; a result that is NaN is written as another one. A word is stored by one thread
// whole, for D is even.
//
// L2 is what they share: if all loads were repeated until they bring something, it would have no time for the stores.
// So a warp first waits for one word of each piece that it needs, and then loads all of it, which mostly is there.
#pragma once

#include "common/grid.cuh"
#include "recurrent/config.cuh"
#include "recurrent/packed_taken_in.cuh"
#include "recurrent/shared_head.cuh"

inline constexpr unsigned kNotYet = 0xffffffffU;
template <class T>
inline constexpr unsigned kPublishedNan = sizeof(T) == sizeof(float) ? 0x7fffffffU : 0x7fff7fffU;

__device__ inline bool not_yet(const uint4& words) {
    return words.x == kNotYet || words.y == kNotYet || words.z == kNotYet || words.w == kNotYet;
}

// The rows that a lane takes in for the product of step t of the walk: of sequences lane / 4 and every eighth after it
// of a block, from `offset` elements on. The first step takes in what the launch was given, or nothing.
template <class Pass, int Row>
class LaneRows {
    using T = typename Pass::Type;
    using Tensors = typename Pass::Tensors;

  public:
    __device__ LaneRows(const Tensors& in, int b0, int n, int t, int lane, int offset)
        : sequences_(t == 0 && Pass::first_exchanged(in) == nullptr ? 0 : in.B - b0 - lane / 4), waits_(t > 0) {
        if (t == 0) {
            place(Pass::first_exchanged(in), b0 * in.N + n, in.N, lane, offset);
        } else {
            const int rows = sequence_rows<Pass>(in);
            place(Pass::exchanged(in), rows_before<Pass>(in, t - 1) + b0 * rows + n, rows, lane, offset);
        }
    }

    // From those of step t, not the first one, to those of the next one.
    __device__ void advance(const Tensors& in) {
        const long long step = static_cast<long long>(rows_to_next<Pass>(in)) * Row;
        words_ += step;
        first_ += step;
    }

    __device__ bool exists(int j) const { return j * 8 < sequences_; }
    __device__ const T* at(int j) const { return words_ + j * next_sequences_; }
    __device__ bool waits(int) const { return waits_; }  // for someone to write it
    // That of a sequence for which all lanes wait, or null.
    __device__ const T* first(int) const { return waits_ ? first_ : nullptr; }

  private:
    // row: of the first sequence. rows: from a sequence to the next one.
    __device__ void place(const T* tensor, int row, int rows, int lane, int offset) {
        first_ = tensor + static_cast<long long>(row) * Row + offset;
        words_ = first_ + static_cast<long long>(lane / 4 * rows) * Row;
        next_sequences_ = static_cast<long long>(8 * rows) * Row;
    }

    int sequences_;  // from this lane's first one to the end of the batch; 0 where there is nothing to take in
    bool waits_;
    long long next_sequences_;  // elements from a sequence to the eighth after it
    const T *words_, *first_;
};

// The same where sequences are packed.
template <class Pass, int Row, int Count>
class PackedLaneRows {
    using T = typename Pass::Type;
    using Tensors = typename Pass::Tensors;

  public:
    __device__ PackedLaneRows(const Tensors& in, int b0, int n, int t, int lane, int offset)
        : b0_(b0), n_(n), t_(t), sequence_(lane / 4), offset_(offset) {
        place(in);
    }

    __device__ void advance(const Tensors& in) {
        ++t_;
        place(in);
    }

    __device__ bool exists(int j) const { return rows_[j] != nullptr; }
    __device__ const T* at(int j) const { return rows_[j]; }
    __device__ bool waits(int j) const { return (waits_ >> j & 1U) != 0; }
    __device__ const T* first(int offset) const {
        const T* row = nullptr;
#pragma unroll
        for (int j = Count - 1; j >= 0; --j) {
            const unsigned lanes = __ballot_sync(0xffffffffU, waits(j));
            if (lanes != 0) {
                const auto place = reinterpret_cast<unsigned long long>(rows_[j]);
                row = reinterpret_cast<const T*>(__shfl_sync(0xffffffffU, place, __ffs(lanes) - 1)) + offset;
            }
        }
        return row;
    }

  private:
    __device__ void place(const Tensors& in) {
        const PackedTakenIn<Pass, Row> taken{in, Pass::exchanged(in), Pass::first_exchanged(in), b0_, n_, t_ - 1};
        waits_ = 0;
#pragma unroll
        for (int j = 0; j < Count; ++j) {
            const T* const row = taken.row_of_sequence(j * 8 + sequence_);
            rows_[j] = row == nullptr ? nullptr : row + offset_;
            waits_ |= static_cast<unsigned>(taken.has_step(j * 8 + sequence_)) << j;
        }
    }

    int b0_, n_, t_, sequence_, offset_;
    unsigned waits_;
    const T* rows_[Count];
};

// What a warp takes in, 16 bytes a lane and group of columns, and what a thread publishes.
template <RecurrentConfig C, class Pass, int D>
class GridExchange {
  public:
    using Shape = SharedShape<C, Pass, D>;
    using Tensors = typename Pass::Tensors;
    using Block = SharedBlock<C, Pass, D>;
    using T = typename Pass::Type;

    // The part of this block: the blocks of all heads and sequences share the tensor.
    __device__ static void fill(const Tensors& in) {
        const long long words = rows_of_all_steps<Pass>(in) * (kRow / Shape::piece);
        const long long block = static_cast<long long>(blockIdx.y) * gridDim.x + blockIdx.x;
        const long long stride = static_cast<long long>(gridDim.x) * gridDim.y * Shape::threads;
        uint4* const all = reinterpret_cast<uint4*>(Pass::exchanged(in));
        for (long long i = block * Shape::threads + threadIdx.x; i < words; i += stride) {
            all[i] = make_uint4(kNotYet, kNotYet, kNotYet, kNotYet);
        }
    }

    // For the product of step t.
    __device__ GridExchange(const Tensors& in, const Block& block, int t)
        : lane_(block.lane),
          k_warp_(block.k_warp()),
          rows_(in, block.b0, block.n, t, lane_, (k_warp_ * 4 + lane_ % 4) * Shape::piece) {}

    // For the product of step t + 1.
    __device__ void advance(const Tensors& in, const Block& block, int t) {
        if (t == 0) {
            *this = GridExchange(in, block, 1);
        } else {
            rows_.advance(in);
        }
    }

    // Until of every piece of this warp the first sequence has its first word.
    __device__ void wait() const {
        const T* const first = rows_.first(lane_ % 4 * Shape::piece);
        bool missing = first != nullptr;
        while (__any_sync(0xffffffffU, missing)) {
            if (missing) {
                missing = any_flag_missing(first + lane_ / 4 * kGroup);
            }
        }
    }

    __device__ void load(uint4 (&state)[Shape::n_tiles], int group) const {
#pragma unroll
        for (int j = 0; j < Shape::n_tiles; ++j) {
            state[j] = exists(group) && rows_.exists(j) ? load_relaxed_16(rows_.at(j) + group * kGroup)
                                                        : make_uint4(0, 0, 0, 0);
        }
    }

    // Loads again what was not there yet.
    __device__ void complete(uint4 (&state)[Shape::n_tiles], int group) const {
        while (true) {
            bool missing = false;
#pragma unroll
            for (int j = 0; j < Shape::n_tiles; ++j) {
                missing = missing || (not_yet(state[j]) && rows_.waits(j));
            }
            if (!__any_sync(0xffffffffU, missing)) {
                return;
            }
            load(state, group);
        }
    }

    __device__ static void publish(const Tensors& in, Where at, int gate, Word<T> words) {
        T* const first = Pass::exchanged(in) + static_cast<long long>(at.row) * kRow + gate * D + at.unit;
        if constexpr (sizeof(T) == sizeof(float)) {
            publish(first, words.x);
            publish(first + 1, words.y);
        } else {
            publish(first, words);
        }
    }

  private:
    static constexpr int kRow = Pass::columns * D;               // elements
    static constexpr int kGroup = C.k_split * 4 * Shape::piece;  // from a warp's group to its next one
    using Rows = Choose<Pass::packed, PackedLaneRows<Pass, kRow, Shape::n_tiles>, LaneRows<Pass, kRow>>;

    __device__ static void publish(T* at, unsigned word) {
        store_relaxed(at, word == kNotYet ? kPublishedNan<T> : word);
    }

    __device__ bool exists(int group) const {
        return (group * C.k_split + k_warp_) * 4 + lane_ % 4 < Shape::all_pieces;
    }

    // Each lane has piece lane % 4 of every eighth group.
    __device__ bool any_flag_missing(const T* flags) const {
        bool missing = false;
#pragma unroll
        for (int i = 0; i < ceil_div(Shape::groups, 8); ++i) {
            const int group = i * 8 + lane_ / 4;
            if (group < Shape::groups && exists(group)) {
                missing = load_relaxed(flags + i * 8 * kGroup) == kNotYet || missing;
            }
        }
        return missing;
    }

    int lane_, k_warp_;
    Rows rows_;
};
