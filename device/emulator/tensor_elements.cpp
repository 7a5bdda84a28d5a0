#include "device/emulator/tensor_elements.hpp"

#include <algorithm>
#include <cstring>

#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"

namespace warpsmith::emulator {

using namespace short_names;

// To tf32 as the element type says, ties away from zero as in cvt.rna.tf32. The types that are named after flushing
// subnormal numbers keep them in copies. Both as an H200 does.
void convert_elements(TensorElement element, std::byte* bytes, u64 size) {
    const bool rounds = element == TensorElement::tf32 || element == TensorElement::tf32_ftz;
    constexpr u32 kInfinity = 0x7F800000, kHalfUnit = 0x1000, kKept = ~u32{0x1FFF};
    for (u64 at = 0; rounds && at < size; at += sizeof(u32)) {
        u32 bits;
        std::memcpy(&bits, bytes + at, sizeof bits);
        const u32 magnitude = bits & ~(u32{1} << 31);
        bits = magnitude > kInfinity ? kFloatNaN & kKept : (bits + (magnitude < kInfinity ? kHalfUnit : 0)) & kKept;
        std::memcpy(bytes + at, &bits, sizeof bits);
    }
}

// The NaN that an H200 fills with is made of 0x7FF7, whatever the width of the element.
void fill_outside(const TensorTile& tile, std::vector<std::byte>& data) {
    std::fill(data.begin(), data.end(), tile.fill == OutsideFill::nans ? std::byte{0xF7} : std::byte{0});
    for (std::size_t at = 1; tile.fill == OutsideFill::nans && at < data.size(); at += 2) {
        data[at] = std::byte{0x7F};
    }
}

}  // namespace warpsmith::emulator
