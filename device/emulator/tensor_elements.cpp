#include "device/emulator/tensor_elements.hpp"

#include <algorithm>
#include <cstring>

#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"

namespace warpsmith::emulator {

using namespace short_names;

// To tf32 and without subnormal numbers, as the element type says. Which way ties go is not documented: as in
// cvt.rna.tf32, away from zero.
void convert_elements(TensorElement element, std::byte* bytes, u64 size) {
    const bool rounds = element == TensorElement::tf32 || element == TensorElement::tf32_ftz;
    const bool flushes = element == TensorElement::f32_ftz || element == TensorElement::tf32_ftz;
    constexpr u32 kInfinity = 0x7F800000, kHalfUnit = 0x1000, kKept = ~u32{0x1FFF};
    for (u64 at = 0; (rounds || flushes) && at < size; at += sizeof(u32)) {
        u32 bits;
        std::memcpy(&bits, bytes + at, sizeof bits);
        const u32 magnitude = bits & ~(u32{1} << 31), sign = bits ^ magnitude;
        bits = flushes && magnitude < 0x00800000 ? sign : bits;
        bits = rounds && magnitude > kInfinity ? kFloatNaN & kKept
               : rounds                        ? (bits + (magnitude < kInfinity ? kHalfUnit : 0)) & kKept
                                               : bits;
        std::memcpy(bytes + at, &bits, sizeof bits);
    }
}

// NaN in every bit but the sign is what 16-bit and single precision have for "out of bounds".
void fill_outside(const TensorTile& tile, std::vector<std::byte>& data) {
    const std::size_t size = tile.traits().bytes;
    std::fill(data.begin(), data.end(), tile.fill == OutsideFill::nans ? std::byte{0xFF} : std::byte{0});
    for (std::size_t at = size - 1; tile.fill == OutsideFill::nans && at < data.size(); at += size) {
        data[at] = std::byte{0x7F};
    }
}

}  // namespace warpsmith::emulator
