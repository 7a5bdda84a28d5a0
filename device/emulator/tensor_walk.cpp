#include "device/emulator/tensor_walk.hpp"

#include <algorithm>

#include "device/emulator/integer_types.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

constexpr u64 kGatheredRows = 4;
constexpr u32 kOffsetEnds[] = {65536, 256, 32};  // in one, two or three dimensions of space

using Place = std::array<s64, kMostTensorDims>;

// Adds the part of the row at `place` that lies in the tensor.
void add_row(const TensorTile& tile, const Place& place, u64 row, std::vector<OutgoingRun>& runs) {
    const u64 size = tile.traits().bytes;
    const s64 from = std::max<s64>(0, -place[0]);
    const s64 to = std::min<s64>(tile.box[0], static_cast<s64>(tile.dims[0]) - place[0]);
    u64 address = tile.address + static_cast<u64>(place[0] + from) * size;
    bool outside = from >= to;
    for (u32 dim = 1; dim < tile.rank; ++dim) {
        outside = outside || place[dim] < 0 || place[dim] >= static_cast<s64>(tile.dims[dim]);
        address += static_cast<u64>(place[dim]) * tile.stride_bytes[dim - 1];
    }
    if (!outside) {
        runs.push_back({.address = address,
                        .at = row * tile.row_bytes() + static_cast<u64>(from) * size,
                        .bytes = static_cast<u64>(to - from) * size});
    }
}

void walk_tile(const TensorTile& tile, const Place& first, std::vector<OutgoingRun>& runs) {
    const u64 rows = tile.box_bytes() / tile.row_bytes();
    for (u64 row = 0; row < rows; ++row) {
        Place place = first;
        u64 rest = row;
        for (u32 dim = 1; dim < tile.rank; ++dim) {
            place[dim] += static_cast<s64>(rest % tile.extent(dim) * tile.step[dim]);
            rest /= tile.extent(dim);
        }
        add_row(tile, place, row, runs);
    }
}

// The ends of the box of pixels in a dimension: the first place and the last.
s64 lowest(const TensorTile& tile, u32 dim) {
    return tile.lower[dim - 1];
}
s64 highest(const TensorTile& tile, u32 dim) {
    return static_cast<s64>(tile.dims[dim]) - 1 + tile.upper[dim - 1];
}

void walk_column(const TensorTile& tile, const TensorWalk& walk, std::vector<OutgoingRun>& runs) {
    const u32 images = tile.rank - 1U;
    Place base = walk.first;
    for (u32 pixel = 0; pixel < tile.box[1]; ++pixel) {
        Place place = base;
        for (u32 dim = 1; dim < images; ++dim) {
            place[dim] += walk.offsets[dim - 1];
        }
        add_row(tile, place, pixel, runs);
        u32 dim = 1;
        for (base[dim] += tile.step[dim]; dim < images && base[dim] > highest(tile, dim);) {
            base[dim] = lowest(tile, dim);
            ++dim;
            base[dim] += tile.step[dim];
        }
    }
}

std::string defect_of_column(const TensorTile& tile, const TensorWalk& walk) {
    for (u32 dim = 1; dim + 1U < tile.rank; ++dim) {
        const s64 from_lowest = walk.first[dim] - lowest(tile, dim);
        if (from_lowest < 0 || walk.first[dim] > highest(tile, dim) || from_lowest % tile.step[dim] != 0) {
            return "a column of im2col that begins at " + std::to_string(walk.first[dim]) + " in dimension " +
                   std::to_string(dim) + ", which is no step of the box of pixels, from " +
                   std::to_string(lowest(tile, dim)) + " to " + std::to_string(highest(tile, dim)) +
                   ": no document says what a GPU does";
        }
        if (walk.offsets[dim - 1] >= kOffsetEnds[tile.rank - 3]) {
            return "an im2col offset of " + std::to_string(walk.offsets[dim - 1]) + ", where less than " +
                   std::to_string(kOffsetEnds[tile.rank - 3]) + " is possible";
        }
    }
    return "";
}

}  // namespace

u64 TensorWalk::bytes(const TensorTile& tile) const {
    return mode == WalkMode::four_rows ? kGatheredRows * tile.row_bytes() : tile.box_bytes();
}

std::string defect(const TensorTile& tile, const TensorWalk& walk) {
    if ((tile.mode == TensorMode::im2col) != (walk.mode == WalkMode::im2col)) {
        return walk.mode == WalkMode::im2col ? "a tensor map of tiles" : "a tensor map for im2col";
    }
    if (walk.mode == WalkMode::four_rows && tile.box[1] != 1) {
        return "a tensor map whose box has " + std::to_string(tile.box[1]) + " rows; four rows are taken with one of 1";
    }
    return walk.mode == WalkMode::im2col ? defect_of_column(tile, walk) : "";
}

std::vector<OutgoingRun> runs_inside(const TensorTile& tile, const TensorWalk& walk) {
    std::vector<OutgoingRun> runs;
    if (walk.mode == WalkMode::im2col) {
        walk_column(tile, walk, runs);
    } else if (walk.mode == WalkMode::four_rows) {
        for (u64 row = 0; row < kGatheredRows; ++row) {
            add_row(tile, {walk.first[0], walk.first[1 + row]}, row, runs);
        }
    } else {
        walk_tile(tile, walk.first, runs);
    }
    return runs;
}

}  // namespace warpsmith::emulator
