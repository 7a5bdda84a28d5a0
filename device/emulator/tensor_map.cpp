#include "device/emulator/tensor_map.hpp"

#include <cstring>
#include <string>
#include <type_traits>

#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

constexpr std::uint64_t kMagic = 0x50414D2D54544D57;  // "WMTT-MAP", little-endian

static_assert(std::is_trivially_copyable_v<TensorTile> && sizeof(kMagic) + sizeof(TensorTile) <= kTensorMapBytes);

}  // namespace

std::array<std::byte, kTensorMapBytes> encode_tensor_map(const TensorTile& tile) {
    check(tile);
    const std::uint64_t row = tile.row_bytes(), span = std::uint64_t{16} << static_cast<unsigned>(tile.swizzle);
    if (tile.swizzle != Swizzle::none && row != span) {
        throw Error("making a tensor map for the emulator: a row of the box has " + std::to_string(row) +
                    " bytes, and no document says where a GPU puts one shorter than the swizzle's span; use rows of " +
                    std::to_string(span) + " bytes");
    }
    std::array<std::byte, kTensorMapBytes> bytes{};
    std::memcpy(bytes.data(), &kMagic, sizeof kMagic);
    std::memcpy(bytes.data() + sizeof kMagic, &tile, sizeof tile);
    return bytes;
}

std::optional<TensorTile> decode_tensor_map(std::span<const std::byte, kTensorMapBytes> bytes) {
    TensorTile tile;
    if (std::memcmp(bytes.data(), &kMagic, sizeof kMagic) != 0) {
        return std::nullopt;
    }
    std::memcpy(&tile, bytes.data() + sizeof kMagic, sizeof tile);
    try {
        encode_tensor_map(tile);  // a kernel may have written anything behind the magic number
    } catch (const Error&) {
        return std::nullopt;
    }
    return tile;
}

}  // namespace warpsmith::emulator
