// How the blocks of a cluster that share a head hand each other new values: what the next product takes in.
#pragma once

#include "common/cluster.cuh"
#include "common/math.cuh"
#include "recurrent/config.cuh"

// This block's share to all other blocks of the cluster, after every thread has written its part of it here. The
// warps share the other blocks; at any time each block is sent to by another one.
template <RecurrentConfig C, class Shape, class T>
class Exchange {
  public:
    // all: the first of two copies of all blocks' shares, in shared memory; barriers: one for each.
    template <class Block>
    __device__ Exchange(const Block& block, T* all, unsigned barriers)
        : own_(all + block.rank * kPieces * Shape::stride), lane_(block.lane), barriers_(barriers) {
        int left = Shape::all_pieces - block.rank * kPieces;
        pieces_ = left < kPieces ? left : kPieces;
        bytes_ = (Shape::all_pieces - pieces_) * kPieceBytes;
#pragma unroll
        for (int i = 0; i < kTargets; ++i) {
            int number = block.warp + i * C.warps;
            int to = (block.rank + 1 + number) % C.blocks;
            used_[i] = number + 1 < C.blocks;
            remote_[i] = address_in_block(shared_address(own_), to);
            remote_barrier_[i] = address_in_block(barriers, to);
        }
    }

    // Bytes that come from the other blocks in a step.
    __device__ int bytes() const {
        return bytes_;
    }

    // Waits for the other blocks' shares that step t takes in.
    __device__ void wait(int t) const {
        const unsigned barrier = barriers_ + 8U * static_cast<unsigned>(t % 2);
        wait_for_bytes(barrier, (t - 1) / 2 % 2);
        if (threadIdx.x == 0) {
            await_bytes(barrier, bytes_);
        }
    }

    // What a thread does when it has written its part, before the block's barrier.
    __device__ static void close() {
        if constexpr (C.bulk != 0) {
            fence_for_bulk_copies();
        }
    }

    __device__ void send(int copy) const {
        const unsigned offset = static_cast<unsigned>(copy * Shape::elements) * sizeof(T);
        const unsigned barrier = 8U * static_cast<unsigned>(copy);
        if constexpr (C.bulk != 0) {
            if (lane_ == 0) {
#pragma unroll
                for (int i = 0; i < kTargets; ++i) {
                    if (used_[i]) {
                        copy_to_block(remote_[i] + offset, shared_address(own_) + offset, pieces_ * kPieceBytes,
                                      remote_barrier_[i] + barrier);
                    }
                }
            }
        } else {
            const T* const own = own_ + copy * Shape::elements;
#pragma unroll
            for (int i = 0; i < kWords; ++i) {
                int word = lane_ + i * 32, at = word / C.batch * Shape::stride + word % C.batch * Shape::piece;
                if (word < pieces_ * C.batch) {
                    const uint4 value = *reinterpret_cast<const uint4*>(own + at);
#pragma unroll
                    for (int j = 0; j < kTargets; ++j) {
                        if (used_[j]) {
                            send_16(remote_[j] + offset + static_cast<unsigned>(at) * sizeof(T), value,
                                    remote_barrier_[j] + barrier);
                        }
                    }
                }
            }
        }
    }

  private:
    static constexpr int kPieces = Shape::own_pieces;
    static constexpr int kWords = ceil_div(kPieces * C.batch, 32);    // of 16 bytes, per lane
    static constexpr int kTargets = ceil_div(C.blocks - 1, C.warps);  // per warp
    // A bulk copy takes what lies between pieces along.
    static constexpr int kPieceBytes =
        (C.bulk != 0 ? Shape::stride : C.batch * Shape::piece) * static_cast<int>(sizeof(T));
    const T* own_;
    int lane_, pieces_, bytes_;
    unsigned barriers_;
    bool used_[kTargets];
    unsigned remote_[kTargets], remote_barrier_[kTargets];
};
