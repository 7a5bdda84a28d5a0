// Conversions between types, by the PTX ISA's definitions.
#include <bit>
#include <cmath>
#include <limits>

#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

using F = std::vector<float>;
using I = std::vector<std::int32_t>;
using H = std::vector<std::uint16_t>;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(EmulatorConvert, FloatsBecomeIntegersInFourRoundings) {
    const auto convert = [](const char* mode) {
        return evaluate<std::int32_t, float>(std::string("cvt.") + mode + ".s32.f32 %d, %a;", {2.5F, -2.5F, 3.5F});
    };
    EXPECT_EQ(convert("rni"), (I{2, -2, 4}));
    EXPECT_EQ(convert("rzi"), (I{2, -2, 3}));
    EXPECT_EQ(convert("rmi"), (I{2, -3, 3}));
    EXPECT_EQ(convert("rpi"), (I{3, -2, 4}));
}

TEST(EmulatorConvert, FloatsOutOfRangeClampAndNanIsZero) {
    EXPECT_EQ((evaluate<std::int32_t, float>("cvt.rzi.s32.f32 %d, %a;", {3e9F, -3e9F, kNan})),
              (I{2147483647, -2147483647 - 1, 0}));
    EXPECT_EQ((evaluate<std::uint32_t, float>("cvt.rzi.u32.f32 %d, %a;", {5e9F, -1.0F})), (U{0xFFFFFFFF, 0}));
    EXPECT_EQ((evaluate<std::uint32_t, float>("cvt.rzi.u8.f32 %d, %a;", {300.0F})), (U{255}));
    EXPECT_EQ((evaluate<std::uint64_t, float>("cvt.rzi.u64.f32 %d, %a;", {kNan})),
              (std::vector<std::uint64_t>{1ULL << 63}));
}

TEST(EmulatorConvert, IntegersAreCutExtendedOrClamped) {
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t>("cvt.s32.s8 %d, %a;", {0x1FF, 0x7F})), (I{-1, 127}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t>("cvt.u32.u8 %d, %a;", {0x1FF})), (I{255}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t>("cvt.sat.s8.s32 %d, %a;", {300, -300})), (I{127, -128}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t>("cvt.sat.u8.s32 %d, %a;", {300, -300})), (I{255, 0}));
    EXPECT_EQ((evaluate<std::int64_t, std::int32_t>("cvt.s64.s32 %d, %a;", {-5})), (std::vector<std::int64_t>{-5}));
}

// 2^24 + 1 lies between two floats; 2^63 + 1 takes a correction of what 53 bits hold.
TEST(EmulatorConvert, IntegersBecomeFloatsRoundedOnce) {
    EXPECT_EQ((evaluate<float, std::uint32_t>("cvt.rn.f32.u32 %d, %a;", {16777217U, 16777219U})),
              (F{16777216.0F, 16777220.0F}));
    EXPECT_EQ((evaluate<float, std::uint32_t>("cvt.rp.f32.u32 %d, %a;", {16777217U})), (F{16777218.0F}));
    EXPECT_EQ((evaluate<float, std::uint64_t>("cvt.rz.f32.u64 %d, %a;", {~0ULL})), (F{0x1.FFFFFEp63F}));
    EXPECT_EQ((evaluate<double, std::uint64_t>("cvt.rp.f64.u64 %d, %a;", {(1ULL << 63) + 1})),
              (std::vector<double>{std::nextafter(0x1p63, 1e30)}));
    EXPECT_EQ((evaluate<float, std::uint64_t>("cvt.rn.f32.u64 %d, %a;", {(1ULL << 63) + (1ULL << 39) + 1})),
              (F{0x1.000002p63F}));
}

TEST(EmulatorConvert, HalvesRoundTiesToEvenAndKeepSubnormals) {
    EXPECT_EQ((evaluate<std::uint16_t, float>(
                  "cvt.rn.f16.f32 %d, %a;", {1.0F + 0x1p-11F, 1.0F + 0x3p-11F, 65520.0F, 0x1p-25F, 0x1.8p-24F, kNan})),
              (H{0x3C00, 0x3C02, 0x7C00, 0x0000, 0x0002, 0x7FFF}));
    EXPECT_EQ((evaluate<std::uint16_t, float>("cvt.rz.f16.f32 %d, %a;", {65535.0F, -1.9999F})), (H{0x7BFF, 0xBFFF}));
    EXPECT_EQ((evaluate<float, std::uint16_t>("cvt.f32.f16 %d, %a;", {std::uint16_t{0x0001}, std::uint16_t{0xFC00}})),
              (F{0x1p-24F, -std::numeric_limits<float>::infinity()}));
    EXPECT_EQ((evaluate<std::uint16_t, float>("cvt.rn.bf16.f32 %d, %a;", {1.0F + 0x1p-8F, 1.0F + 0x3p-8F, kNan})),
              (H{0x3F80, 0x3F82, 0x7FFF}));
    EXPECT_EQ((evaluate<std::uint16_t, double>("cvt.rn.f16.f64 %d, %a;", {1.0 + 0x1p-11 + 0x1p-40})), (H{0x3C01}));
}

TEST(EmulatorConvert, APackedConversionPutsItsFirstOperandIntoTheHighHalf) {
    EXPECT_EQ((evaluate<std::uint32_t, float, float>("cvt.rn.bf16x2.f32 %d, %a, %b;", {1.0F}, {2.0F})),
              (U{0x3F804000}));
    EXPECT_EQ((evaluate<std::uint32_t, float, float>("cvt.rn.relu.f16x2.f32 %d, %a, %b;", {-1.0F}, {2.0F})),
              (U{0x00004000}));
    EXPECT_EQ((evaluate<std::uint32_t, float, float>("cvt.rz.f16x2.f32 %d, %a, %b;", {65535.0F}, {1.0F})),
              (U{0x7BFF3C00}));
}

// e4m3 has no infinity: 448 is its largest number.
TEST(EmulatorConvert, BytesOfFloatingPointSaturateAndComeBack) {
    EXPECT_EQ((evaluate<std::uint16_t, float, float>("cvt.rn.satfinite.e4m3x2.f32 %d, %a, %b;", {1.0F, 500.0F, kNan},
                                                     {-0.5F, -1e9F, 0.0F})),
              (H{0x38B0, 0x7EFE, 0x7F00}));
    EXPECT_EQ((evaluate<std::uint16_t, float, float>("cvt.rn.satfinite.e5m2x2.f32 %d, %a, %b;", {1.0F}, {1e9F})),
              (H{0x3C7B}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint16_t>("cvt.rn.f16x2.e4m3x2 %d, %a;", {std::uint16_t{0x38B0}})),
              (U{0x3C00B800}));
}

TEST(EmulatorConvert, TensorFloatsRoundTiesAwayFromZero) {
    EXPECT_EQ(
        (evaluate<float, float>("cvt.rna.tf32.f32 %d, %a;", {1.0F + 0x1p-11F, -1.0F - 0x1p-11F, 1.0F + 0x1p-12F})),
        (F{1.0F + 0x1p-10F, -1.0F - 0x1p-10F, 1.0F}));
}

TEST(EmulatorConvert, ARoundingToWholeNumbersKeepsTheTypeAndASaturationClips) {
    EXPECT_EQ((evaluate<float, float>("cvt.rmi.f32.f32 %d, %a;", {-1.5F, 2.9F})), (F{-2.0F, 2.0F}));
    EXPECT_EQ((evaluate<float, float>("cvt.sat.f32.f32 %d, %a;", {-1.5F, 0.5F, 2.0F, kNan})),
              (F{0.0F, 0.5F, 1.0F, 0.0F}));
    EXPECT_EQ((evaluate<float, double>("cvt.rn.f32.f64 %d, %a;", {1.0 + 0x1p-24, 1e300})),
              (F{1.0F, std::numeric_limits<float>::infinity()}));
}

}  // namespace
}  // namespace warpsmith::emulator
