#include "device/tensor_tile.hpp"

#include <string>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr std::uint64_t kUnit = 16;  // bytes
constexpr std::uint64_t kLongestDim = std::uint64_t{1} << 32, kStrideEnd = std::uint64_t{1} << 40;
constexpr std::uint32_t kLongestBox = 256, kLongestStep = 8;

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw Error("making a tensor map: " + what);
    }
}

std::string is(std::string_view what, std::uint32_t dim, std::uint64_t value) {
    return std::string(what) + " of dimension " + std::to_string(dim) + " is " + std::to_string(value) + "; ";
}

void check_dim(const TensorTile& tile, std::uint32_t dim) {
    const std::uint64_t length = tile.dims[dim], box = tile.box[dim], step = tile.step[dim];
    require(length != 0 && length <= kLongestDim, is("the length", dim, length) + "it must be 1 to 2^32 elements");
    require(box != 0 && box <= kLongestBox, is("the box", dim, box) + "it must be 1 to 256 elements");
    require(step != 0 && step <= kLongestStep, is("the step", dim, step) + "it must be 1 to 8 elements");
    if (dim > 0) {
        const std::uint64_t stride = tile.stride_bytes[dim - 1];
        require(stride % kUnit == 0, is("the stride", dim, stride) + "it must be a multiple of 16 bytes");
        require(stride < kStrideEnd, is("the stride", dim, stride) + "it must be less than 2^40 bytes");
    }
}

}  // namespace

std::uint64_t TensorTile::box_bytes() const {
    std::uint64_t bytes = row_bytes();
    for (std::uint32_t dim = 1; dim < rank; ++dim) {
        bytes *= extent(dim);
    }
    return bytes;
}

void check(const TensorTile& tile) {
    require(static_cast<std::size_t>(tile.element) < kTensorElements.size() && tile.swizzle <= Swizzle::span_128 &&
                tile.fill <= OutsideFill::nans,
            "an element type, swizzle or fill that there is not");
    require(tile.rank >= 1 && tile.rank <= kMostTensorDims,
            std::to_string(tile.rank) + " dimensions; 1 to 5 are possible");
    require(tile.address % kUnit == 0, "the tensor's address must be a multiple of 16");
    for (std::uint32_t dim = 0; dim < tile.rank; ++dim) {
        check_dim(tile, dim);
    }
    const std::uint64_t row = tile.row_bytes(), span = kUnit << static_cast<unsigned>(tile.swizzle);
    require(row % kUnit == 0, "a row of the box has " + std::to_string(row) + " bytes; it must be a multiple of 16");
    require(tile.swizzle == Swizzle::none || row <= span, "a row of the box has " + std::to_string(row) +
                                                              " bytes; with this swizzle " + std::to_string(span) +
                                                              " are the most");
    require(tile.fill == OutsideFill::zeros || tile.traits().floating,
            "only floating-point elements can be filled with NaN");
}

}  // namespace warpsmith
