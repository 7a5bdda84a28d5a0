#include "device/tensor_tile.hpp"

#include <string>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr std::uint64_t kUnit = 16;  // bytes
constexpr std::uint64_t kLongestDim = std::uint64_t{1} << 32, kStrideEnd = std::uint64_t{1} << 40;
constexpr std::uint32_t kLongestBox = 256, kLongestStep = 8, kMostPixels = 1024;
constexpr std::int32_t kCornerEnds[] = {32768, 128, 16};  // of one, two or three dimensions of space

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw Error("making a tensor map: " + what);
    }
}

std::string is(std::string_view what, std::uint32_t dim, std::uint64_t value) {
    return std::string(what) + " of dimension " + std::to_string(dim) + " is " + std::to_string(value) + "; ";
}

void check_dim(const TensorTile& tile, std::uint32_t dim) {
    const std::uint64_t length = tile.dims[dim], step = tile.step[dim];
    require(length != 0 && length <= kLongestDim, is("the length", dim, length) + "it must be 1 to 2^32 elements");
    require(step != 0 && step <= kLongestStep, is("the step", dim, step) + "it must be 1 to 8 elements");
    if (dim > 0) {
        const std::uint64_t stride = tile.stride_bytes[dim - 1];
        require(stride % kUnit == 0, is("the stride", dim, stride) + "it must be a multiple of 16 bytes");
        require(stride < kStrideEnd, is("the stride", dim, stride) + "it must be less than 2^40 bytes");
    }
}

void check_box(const TensorTile& tile) {
    for (std::uint32_t dim = 0; dim < tile.rank; ++dim) {
        require(tile.box[dim] != 0 && tile.box[dim] <= kLongestBox,
                is("the box", dim, tile.box[dim]) + "it must be 1 to 256 elements");
    }
    require(tile.row_bytes() % kUnit == 0,
            "a row of the box has " + std::to_string(tile.row_bytes()) + " bytes; it must be a multiple of 16");
}

void check_column(const TensorTile& tile) {
    require(tile.rank >= 3, std::to_string(tile.rank) + " dimensions; im2col takes 3 to 5");
    require(tile.box[0] != 0 && tile.box[0] <= kLongestBox,
            std::to_string(tile.box[0]) + " channels per pixel; 1 to 256 are possible");
    require(tile.box[1] != 0 && tile.box[1] <= kMostPixels,
            std::to_string(tile.box[1]) + " pixels per column; 1 to 1024 are possible");
    const std::uint32_t space = tile.rank - 2U;
    const std::int32_t end = kCornerEnds[space - 1];
    for (std::uint32_t i = 0; i < space; ++i) {
        for (const std::int32_t corner : {tile.lower[i], tile.upper[i]}) {
            require(corner >= -end && corner < end,
                    is("a corner", i + 1, static_cast<std::uint64_t>(corner < 0 ? -corner : corner)) +
                        "away from its edge; with " + std::to_string(tile.rank) + " dimensions it must be " +
                        std::to_string(-end) + " to " + std::to_string(end - 1));
        }
        require(static_cast<std::int64_t>(tile.dims[i + 1]) + tile.upper[i] > tile.lower[i],
                "the box of pixels is empty in dimension " + std::to_string(i + 1));
    }
}

}  // namespace

std::uint64_t TensorTile::box_bytes() const {
    std::uint64_t bytes = row_bytes();
    if (mode == TensorMode::im2col) {
        return bytes * box[1];
    }
    for (std::uint32_t dim = 1; dim < rank; ++dim) {
        bytes *= extent(dim);
    }
    return bytes;
}

void check(const TensorTile& tile) {
    require(static_cast<std::size_t>(tile.element) < kTensorElements.size() && tile.swizzle <= Swizzle::span_128 &&
                tile.fill <= OutsideFill::nans && tile.mode <= TensorMode::im2col,
            "an element type, swizzle or fill that there is not");
    require(tile.rank >= 1 && tile.rank <= kMostTensorDims,
            std::to_string(tile.rank) + " dimensions; 1 to 5 are possible");
    require(tile.address % kUnit == 0, "the tensor's address must be a multiple of 16");
    for (std::uint32_t dim = 0; dim < tile.rank; ++dim) {
        check_dim(tile, dim);
    }
    const std::uint64_t row = tile.row_bytes(), span = kUnit << static_cast<unsigned>(tile.swizzle);
    tile.mode == TensorMode::im2col ? check_column(tile) : check_box(tile);
    require(tile.swizzle == Swizzle::none || row <= span, "a row of the box has " + std::to_string(row) +
                                                              " bytes; with this swizzle " + std::to_string(span) +
                                                              " are the most");
    require(tile.fill == OutsideFill::zeros || tile.traits().floating,
            "only floating-point elements can be filled with NaN");
}

}  // namespace warpsmith
