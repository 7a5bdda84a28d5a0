// The 8-bit floating types, as values in single precision.
#pragma once

#include "device/emulator/half.hpp"

namespace warpsmith::emulator {

struct FloatE4M3 {
    std::uint8_t bits;
};
struct FloatE5M2 {
    std::uint8_t bits;
};

WARPSMITH_INLINE float widen(FloatE5M2 value) {  // the high byte of an f16
    return widen(Float16{static_cast<std::uint16_t>(value.bits << 8)});
}

WARPSMITH_INLINE float widen(FloatE4M3 value) {
    // Exponent and mantissa at the place of an f16's, whose bias is 8 more.
    const std::uint32_t sign = static_cast<std::uint32_t>(value.bits & 0x80) << 8;
    const std::uint32_t rest = static_cast<std::uint32_t>(value.bits & 0x7F) << 7;
    const float scaled = widen(Float16{static_cast<std::uint16_t>(sign | rest)}) * 256.0F;
    return choose((value.bits & 0x7F) == 0x7F, std::bit_cast<float>(kFloatNaN), scaled);
}

}  // namespace warpsmith::emulator
