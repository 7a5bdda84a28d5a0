#include "device/emulator/tensor_map.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

constexpr std::uint64_t kMagic = 0x50414D2D54544D57;  // "WMTT-MAP", little-endian
constexpr std::uint64_t kUnit = 16;                   // bytes

// A TensorTile in fewer bytes.
struct Encoded {
    std::uint64_t magic = kMagic;
    std::uint64_t address = 0;
    std::array<std::uint64_t, kMostTensorDims - 1> stride_bytes = {};
    std::array<std::uint32_t, kMostTensorDims> last = {};  // the length less one, for 2^32 is a length
    std::array<std::uint16_t, kMostTensorDims> box = {};
    std::array<std::int16_t, kMostSpaceDims> lower = {}, upper = {};
    std::array<std::uint8_t, kMostTensorDims> step = {};
    std::uint8_t rank = 0, element = 0, swizzle = 0, fill = 0, mode = 0;
};
static_assert(std::is_trivially_copyable_v<Encoded> && sizeof(Encoded) <= kTensorMapBytes);

void check_documented(const TensorTile& tile) {
    check(tile);
    const std::uint64_t row = tile.row_bytes(), span = kUnit << static_cast<unsigned>(tile.swizzle);
    if (tile.swizzle != Swizzle::none && row != span) {
        throw Error("making a tensor map for the emulator: a row of the box has " + std::to_string(row) +
                    " bytes, and no document says where a GPU puts one shorter than the swizzle's span; use rows of " +
                    std::to_string(span) + " bytes");
    }
    if (row % kUnit != 0) {
        throw Error("making a tensor map for the emulator: a pixel has " + std::to_string(row) +
                    " bytes, and no document says where a GPU puts one that is no multiple of 16; take more channels");
    }
}

// The number that tensormap.replace has for an element type (PTX ISA, "tensormap.replace"), which is not the driver's.
constexpr TensorElement kElements[] = {
    TensorElement::u8,   TensorElement::u16,  TensorElement::u32,     TensorElement::i32,     TensorElement::u64,
    TensorElement::i64,  TensorElement::f16,  TensorElement::f32,     TensorElement::f32_ftz, TensorElement::f64,
    TensorElement::bf16, TensorElement::tf32, TensorElement::tf32_ftz};

struct FieldLimits {
    std::string_view what;
    std::uint64_t least, most;
};
// In the order of TensorMapField: what the encoding has room for, and the emulator executes.
constexpr FieldLimits kLimits[] = {
    {"an address", 0, std::numeric_limits<std::uint64_t>::max()},
    {"a rank, less one,", 0, kMostTensorDims - 1},
    {"a length of the box", 1, 256},
    {"a length of the tensor", 1, std::numeric_limits<std::uint32_t>::max()},
    {"a stride", 0, (std::uint64_t{1} << 40) - kUnit},
    {"an element stride", 1, 8},
    {"an element type", 0, std::size(kElements) - 1},
    {"an interleave layout", 0, 0},
    {"a swizzle mode", 0, 3},
    {"a swizzle atomicity", 0, 0},
    {"a fill mode", 0, 1},
};

}  // namespace

TensorMapBytes encode_tensor_map(const TensorTile& tile) {
    check_documented(tile);
    Encoded encoded{.address = tile.address,
                    .stride_bytes = tile.stride_bytes,
                    .lower = tile.lower,
                    .upper = tile.upper,
                    .step = tile.step,
                    .rank = tile.rank,
                    .element = static_cast<std::uint8_t>(tile.element),
                    .swizzle = static_cast<std::uint8_t>(tile.swizzle),
                    .fill = static_cast<std::uint8_t>(tile.fill),
                    .mode = static_cast<std::uint8_t>(tile.mode)};
    for (std::uint32_t dim = 0; dim < kMostTensorDims; ++dim) {
        encoded.last[dim] = static_cast<std::uint32_t>(tile.dims[dim] - 1);
        encoded.box[dim] = static_cast<std::uint16_t>(tile.box[dim]);
    }
    TensorMapBytes bytes{};
    std::memcpy(bytes.data(), &encoded, sizeof encoded);
    return bytes;
}

TensorTile decode_tensor_map(std::span<const std::byte, kTensorMapBytes> bytes) {
    Encoded encoded;
    std::memcpy(&encoded, bytes.data(), sizeof encoded);
    if (encoded.magic != kMagic) {
        throw Error("there is no tensor map here that the emulator made; pass one as an argument of its own");
    }
    TensorTile tile{.address = encoded.address,
                    .stride_bytes = encoded.stride_bytes,
                    .step = encoded.step,
                    .rank = encoded.rank,
                    .element = static_cast<TensorElement>(encoded.element),
                    .swizzle = static_cast<Swizzle>(encoded.swizzle),
                    .fill = static_cast<OutsideFill>(encoded.fill),
                    .mode = static_cast<TensorMode>(encoded.mode),
                    .lower = encoded.lower,
                    .upper = encoded.upper};
    for (std::uint32_t dim = 0; dim < kMostTensorDims; ++dim) {
        tile.dims[dim] = std::uint64_t{encoded.last[dim]} + 1;
        tile.box[dim] = encoded.box[dim];
    }
    check_documented(tile);  // a kernel may have written anything behind the magic number
    return tile;
}

void replace_in_tensor_map(std::span<std::byte, kTensorMapBytes> bytes, TensorMapField field, std::uint32_t ordinal,
                           std::uint64_t value) {
    Encoded encoded;
    if (std::any_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte != std::byte{0}; })) {
        std::memcpy(&encoded, bytes.data(), sizeof encoded);
    }
    if (encoded.magic != kMagic || encoded.mode != 0) {
        throw Error("changing a tensor map: there is no tensor map of tiles here that the emulator made");
    }
    const FieldLimits& limits = kLimits[static_cast<std::size_t>(field)];
    if (value < limits.least || value > limits.most) {
        throw Error("changing a tensor map: " + std::string(limits.what) + " of " + std::to_string(value) + "; " +
                    std::to_string(limits.least) + " to " + std::to_string(limits.most) + " are possible here");
    }
    const std::uint8_t small = static_cast<std::uint8_t>(value);
    switch (field) {
        case TensorMapField::global_address:
            encoded.address = value;
            break;
        case TensorMapField::rank:
            encoded.rank = static_cast<std::uint8_t>(small + 1);
            break;
        case TensorMapField::box_dim:
            encoded.box.at(ordinal) = static_cast<std::uint16_t>(value);
            break;
        case TensorMapField::global_dim:
            encoded.last.at(ordinal) = static_cast<std::uint32_t>(value - 1);
            break;
        case TensorMapField::global_stride:
            encoded.stride_bytes.at(ordinal) = value;
            break;
        case TensorMapField::element_stride:
            encoded.step.at(ordinal) = small;
            break;
        case TensorMapField::element_type:
            encoded.element = static_cast<std::uint8_t>(kElements[value]);
            break;
        case TensorMapField::swizzle_mode:
            encoded.swizzle = small;
            break;
        case TensorMapField::fill_mode:
            encoded.fill = small;
            break;
        case TensorMapField::interleave_layout:
        case TensorMapField::swizzle_atomicity:
            break;  // the only value there is
    }
    std::memcpy(bytes.data(), &encoded, sizeof encoded);
}

}  // namespace warpsmith::emulator
