// Dot products of small integers.
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

// Dot products of bytes (dp4a) or of halves with bytes (dp2a).
template <class A, class B>
struct DotFourBytes {
    WARPSMITH_INLINE std::uint32_t apply(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
        for (int i = 0; i < 32; i += 8) {
            c += static_cast<std::uint32_t>(static_cast<A>(a >> i) * static_cast<B>(b >> i));
        }
        return c;
    }
};
template <class A, class B, unsigned first>
struct DotTwoHalves {
    WARPSMITH_INLINE std::uint32_t apply(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
        c += static_cast<std::uint32_t>(static_cast<A>(a) * static_cast<B>(b >> first));
        return c + static_cast<std::uint32_t>(static_cast<A>(a >> 16) * static_cast<B>(b >> (first + 8)));
    }
};

constexpr LaneRow kDotProductRows[] = {
    same_three<DotFourBytes<u8, u8>, u32>("dp4a.u32.u32"),
    same_three<DotFourBytes<u8, s8>, u32>("dp4a.u32.s32"),
    same_three<DotFourBytes<s8, u8>, u32>("dp4a.s32.u32"),
    same_three<DotFourBytes<s8, s8>, u32>("dp4a.s32.s32"),
    same_three<DotTwoHalves<u16, u8, 0>, u32>("dp2a.lo.u32.u32"),
    same_three<DotTwoHalves<u16, s8, 0>, u32>("dp2a.lo.u32.s32"),
    same_three<DotTwoHalves<s16, u8, 0>, u32>("dp2a.lo.s32.u32"),
    same_three<DotTwoHalves<s16, s8, 0>, u32>("dp2a.lo.s32.s32"),
    same_three<DotTwoHalves<u16, u8, 16>, u32>("dp2a.hi.u32.u32"),
    same_three<DotTwoHalves<u16, s8, 16>, u32>("dp2a.hi.u32.s32"),
    same_three<DotTwoHalves<s16, u8, 16>, u32>("dp2a.hi.s32.u32"),
    same_three<DotTwoHalves<s16, s8, 16>, u32>("dp2a.hi.s32.s32"),
};

}  // namespace

std::span<const LaneRow> dot_product_rows() {
    return kDotProductRows;
}

}  // namespace warpsmith::emulator
