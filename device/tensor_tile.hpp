// A tensor in global memory and the box of it that one copy of cp.async.bulk.tensor moves: what a tensor map holds.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace warpsmith {

// Numbered as CUtensorMapDataType.
enum class TensorElement : std::uint8_t {
    u8,
    u16,
    u32,
    i32,
    u64,
    i64,
    f16,
    f32,
    f64,
    bf16,
    f32_ftz,   // as f32 where an H200 copies it
    tf32,      // rounded to tf32
    tf32_ftz,  // as tf32
};

// How 16-byte chunks change places in shared memory, within spans of that many bytes; numbered as CUtensorMapSwizzle.
enum class Swizzle : std::uint8_t { none, span_32, span_64, span_128 };

// What a box holds where it hangs over the tensor; numbered as CUtensorMapFloatOOBfill.
enum class OutsideFill : std::uint8_t { zeros, nans };

// What a copy takes: a box, or the pixels of a column, for convolutions.
enum class TensorMode : std::uint8_t { tiled, im2col };

constexpr std::uint32_t kMostTensorDims = 5;
constexpr std::uint32_t kMostSpaceDims = 3;  // of images: width, height, depth

struct TensorElementTraits {
    std::string_view name;  // "bf16"
    std::uint32_t bytes = 0;
    bool floating = false;
};
constexpr std::array<TensorElementTraits, 13> kTensorElements = {{{"u8", 1, false},
                                                                  {"u16", 2, false},
                                                                  {"u32", 4, false},
                                                                  {"i32", 4, false},
                                                                  {"u64", 8, false},
                                                                  {"i64", 8, false},
                                                                  {"f16", 2, true},
                                                                  {"f32", 4, true},
                                                                  {"f64", 8, true},
                                                                  {"bf16", 2, true},
                                                                  {"f32_ftz", 4, true},
                                                                  {"tf32", 4, true},
                                                                  {"tf32_ftz", 4, true}}};

// Dimensions begin with the innermost. A map for im2col has channels, then one to three dimensions of space, then
// images; box[0] is the channels and box[1] the pixels that a copy takes. These follow each other, width first, within
// the box of space from `lower` away from the first pixel to `upper` away from the last, image behind image.
struct TensorTile {
    std::uint64_t address = 0;
    std::array<std::uint64_t, kMostTensorDims> dims = {};              // elements
    std::array<std::uint64_t, kMostTensorDims - 1> stride_bytes = {};  // of all but the innermost
    std::array<std::uint32_t, kMostTensorDims> box = {};               // elements, steps not counted
    std::array<std::uint8_t, kMostTensorDims> step = {1, 1, 1, 1, 1};  // every how many elements; not of the innermost
    std::uint8_t rank = 0;
    TensorElement element = TensorElement::u8;
    Swizzle swizzle = Swizzle::none;
    OutsideFill fill = OutsideFill::zeros;
    TensorMode mode = TensorMode::tiled;
    std::array<std::int16_t, kMostSpaceDims> lower = {}, upper = {};

    const TensorElementTraits& traits() const { return kTensorElements[static_cast<std::size_t>(element)]; }
    // Elements of the box along a dimension.
    std::uint64_t extent(std::uint32_t dim) const {
        return dim == 0 ? box[0] : (std::uint64_t{box[dim]} + step[dim] - 1) / step[dim];
    }
    std::uint64_t row_bytes() const { return std::uint64_t{box[0]} * traits().bytes; }
    std::uint64_t box_bytes() const;  // in shared memory, what lies outside of the tensor included
};

// Throws Error with the rule of cuTensorMapEncodeTiled or cuTensorMapEncodeIm2col (CUDA driver API, Tensor Map Object
// Management) that the tile breaks.
void check(const TensorTile& tile);

}  // namespace warpsmith
