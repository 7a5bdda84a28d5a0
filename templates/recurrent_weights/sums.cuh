// Where the sums of a block go: to dR and dbias, or, of a block that has part of the products, first to the other
// blocks of its cluster, which add up the parts in the order of their ranks. The order is fixed: every run gives the
// same bits.
#pragma once

#include "common/cluster.cuh"
#include "recurrent_weights/tiles.cuh"

// `Count` neighbouring elements of a row of dR, the first at a multiple of Count. Indices count whole words: the
// compiler stores a word at once only where it sees that all of the address is a multiple of one.
template <int D, int Count, class T>
__device__ void write_weights(const WeightTensors<T>& out, int row, int column, const float (&values)[Count]) {
    if constexpr (D % Count == 0) {
        const long long word = static_cast<long long>(row) * (D / Count) + static_cast<unsigned>(column) / Count;
        if (column >= D) {
            return;
        }
        if constexpr (Count == 4) {
            reinterpret_cast<float4*>(out.dR)[word] = make_float4(values[0], values[1], values[2], values[3]);
        } else {
            reinterpret_cast<float2*>(out.dR)[word] = make_float2(values[0], values[1]);
        }
    } else {
        float* to = out.dR + static_cast<long long>(row) * D + column;
#pragma unroll
        for (int i = 0; i < Count; ++i) {
            if (column + i < D) {
                to[i] = values[i];
            }
        }
    }
}

// A block's tile of sums. Where blocks share the products it is kept in shared memory, in the place of the tiles of dr
// and h, as [row][columns, bias]; else nothing is kept.
template <RecurrentWeightsConfig C, class T, class Shape, int D>
struct WeightSums {
    // Four columns for the bias; eight keep the banks of neighbouring rows apart.
    static constexpr int stride = C.tile_n + 8;
    float* shared;
    const WeightTensors<T>& out;
    const WeightPlace<C, Shape>& place;

    // Row and column in the tile.
    template <int Count>
    __device__ void put(int row, int column, const float (&values)[Count]) const {
        if constexpr (C.k_split > 1) {
            float* to = shared + row * stride + column;
            if constexpr (Count == 4) {
                *reinterpret_cast<float4*>(to) = make_float4(values[0], values[1], values[2], values[3]);
            } else {
                *reinterpret_cast<float2*>(to) = make_float2(values[0], values[1]);
            }
        } else if (place.first_row + row < Shape::M) {
            write_weights<D>(out, place.first_row + row, place.first_column + column, values);
        }
    }

    __device__ void put_bias(int row, float value) const {
        if constexpr (C.k_split > 1) {
            *reinterpret_cast<float4*>(shared + row * stride + C.tile_n) = make_float4(value, 0.0f, 0.0f, 0.0f);
        } else if (place.first_row + row < Shape::M) {
            out.dbias[place.first_row + row] = value;
        }
    }

    // Before the first put: no warp reads tiles any more.
    __device__ void begin() const {
        if constexpr (C.k_split > 1) {
            __syncthreads();
        }
    }

    // After the last put. The blocks of the cluster share the adding up.
    __device__ void finish() const {
        if constexpr (C.k_split > 1) {
            constexpr int pieces = C.tile_n / 4, together = C.k_split * Shape::threads;
            const int first = place.rank * Shape::threads + static_cast<int>(threadIdx.x);
            synchronise_cluster();
            for (int i = first; i < C.tile_m * pieces; i += together) {
                const int row = i / pieces, column = i % pieces * 4;
                if (place.first_row + row < Shape::M) {
                    const float4 sum = added_up(row, column);
                    const float values[4] = {sum.x, sum.y, sum.z, sum.w};
                    write_weights<D>(out, place.first_row + row, place.first_column + column, values);
                }
            }
            for (int row = first; place.sums_bias && row < C.tile_m; row += together) {
                if (place.first_row + row < Shape::M) {
                    out.dbias[place.first_row + row] = added_up(row, C.tile_n).x;
                }
            }
            synchronise_cluster();  // nobody leaves while others read its part
        }
    }

    __device__ float4 added_up(int row, int column) const {
        const unsigned at = shared_address(shared + row * stride + column);
        float4 part[C.k_split];
#pragma unroll
        for (int rank = 0; rank < C.k_split; ++rank) {
            part[rank] = load_from_block(address_in_block(at, rank));
        }
        float4 sum = part[0];
#pragma unroll
        for (int rank = 1; rank < C.k_split; ++rank) {
            sum.x += part[rank].x;
            sum.y += part[rank].y;
            sum.z += part[rank].z;
            sum.w += part[rank].w;
        }
        return sum;
    }
};
