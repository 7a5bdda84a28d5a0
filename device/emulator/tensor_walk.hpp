// Which bytes of a tensor a copy touches, and where they lie in shared memory.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "device/emulator/block.hpp"
#include "device/tensor_tile.hpp"

namespace warpsmith::emulator {

// How a copy names its part of the tensor (PTX ISA, "Tensors": tile, tile::gather4 or tile::scatter4, im2col).
enum class WalkMode : std::uint8_t { tile, four_rows, im2col };

struct TensorWalk {
    WalkMode mode = WalkMode::tile;
    // Of the first element; of four rows: the column, then each row.
    std::array<std::int64_t, kMostTensorDims> first = {};
    std::array<std::uint32_t, kMostSpaceDims> offsets =
        {};  // of im2col: from a pixel's place to the one that is copied

    std::uint64_t bytes(const TensorTile& tile) const;
};

// Why this walk is none for this tensor map; empty where it is one.
std::string defect(const TensorTile& tile, const TensorWalk& walk);

// The parts that lie in the tensor, a row at most each: where in memory, and where in the box. The rest is outside.
std::vector<OutgoingRun> runs_inside(const TensorTile& tile, const TensorWalk& walk);

}  // namespace warpsmith::emulator
