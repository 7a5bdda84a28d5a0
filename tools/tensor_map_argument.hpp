// A tensor map as an argument of `run`: what it says of a buffer, ",dims=64x64,box=64x8,swizzle=128".
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "device/tensor_tile.hpp"

namespace warpsmith {

struct TensorMapArgument {
    std::optional<std::size_t> buffer;  // number of the argument whose memory holds the tensor; else its own
    TensorTile tile;                    // without the address, and strides where `packed`
    bool packed = true;
    std::optional<TensorElement> element;  // else that of the buffer

    // The tile of a tensor at `address` in a buffer of elements of this type ("f32"). Throws Error when tensors have no
    // such elements.
    TensorTile tile_at(std::uint64_t address, std::string_view buffer_type) const;
};

// Each word behind a comma. Throws Error naming the word that cannot be used.
TensorMapArgument parse_tensor_map(std::string_view text);

}  // namespace warpsmith
