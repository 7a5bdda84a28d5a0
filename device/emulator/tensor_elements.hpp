// What a tensor copy makes of elements, and of places outside of the tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device/tensor_tile.hpp"

namespace warpsmith::emulator {

// Rounds and flushes `size` bytes as the element type says.
void convert_elements(TensorElement element, std::byte* bytes, std::uint64_t size);

// Fills all with what stands for an element outside.
void fill_outside(const TensorTile& tile, std::vector<std::byte>& data);

}  // namespace warpsmith::emulator
