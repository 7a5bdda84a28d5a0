// Tensor maps of the emulator: 128 bytes, as large as the driver's, whose encoding no document tells.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "device/tensor_tile.hpp"

namespace warpsmith::emulator {

constexpr std::size_t kTensorMapBytes = 128;
constexpr std::size_t kTensorMapAlignment = 64;

using TensorMapBytes = std::array<std::byte, kTensorMapBytes>;

// Throws Error when the tile breaks a rule, or where no document says what a GPU does: with rows shorter than their
// swizzle's span, and with pixels that are no multiple of 16 bytes.
TensorMapBytes encode_tensor_map(const TensorTile& tile);

// Throws Error when these bytes are no tensor map that encode_tensor_map could have made, with the reason.
TensorTile decode_tensor_map(std::span<const std::byte, kTensorMapBytes> bytes);

// What tensormap.replace changes.
enum class TensorMapField : std::uint8_t {
    global_address,
    rank,
    box_dim,
    global_dim,
    global_stride,
    element_stride,
    element_type,
    interleave_layout,
    swizzle_mode,
    swizzle_atomicity,
    fill_mode,
};

// Puts a value, as tensormap.replace takes it, into a field, of several the one numbered `ordinal`; zeros everywhere
// are taken for a map whose fields all are still to be set. Throws Error when these bytes are no tensor map of tiles,
// and for values that no map of the emulator can have. Whether the fields suit each other is seen by who decodes it.
void replace_in_tensor_map(std::span<std::byte, kTensorMapBytes> bytes, TensorMapField field, std::uint32_t ordinal,
                           std::uint64_t value);

// The place of the byte at this address of shared memory once 16-byte chunks are swizzled; its own inverse (PTX ISA,
// "Swizzling Modes").
constexpr std::uint64_t swizzled(Swizzle swizzle, std::uint64_t address) {
    const std::uint64_t chunks = (std::uint64_t{1} << static_cast<unsigned>(swizzle)) - 1;
    return address ^ ((address >> 7 & chunks) << 4);
}

}  // namespace warpsmith::emulator
