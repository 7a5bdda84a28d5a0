// Integer arithmetic and bits, by the PTX ISA's definitions.
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

using I = std::vector<std::int32_t>;
using L = std::vector<std::uint64_t>;
constexpr std::int32_t kMin = -2147483647 - 1, kMax = 2147483647;
constexpr std::uint32_t kOnes = 0xFFFFFFFF;

TEST(EmulatorInteger, AdditionWrapsAndSaturatesWhenAsked) {
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t, std::int32_t>("add.s32 %d, %a, %b;", {1, kMax}, {2, 1})),
              (I{3, kMin}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t, std::int32_t>("add.sat.s32 %d, %a, %b;", {kMax, kMin}, {1, -1})),
              (I{kMax, kMin}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t, std::int32_t>("sub.sat.s32 %d, %a, %b;", {kMin}, {1})), (I{kMin}));
}

TEST(EmulatorInteger, MultiplicationHasLowHighAndWideResults) {
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("mul.lo.u32 %d, %a, %b;", {kOnes}, {3U})),
              (U{0xFFFFFFFD}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("mul.hi.u32 %d, %a, %b;", {kOnes}, {kOnes})),
              (U{0xFFFFFFFE}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t, std::int32_t>("mul.hi.s32 %d, %a, %b;", {kMin, -1}, {kMin, 5})),
              (I{0x40000000, -1}));
    EXPECT_EQ((evaluate<std::int64_t, std::int32_t, std::int32_t>("mul.wide.s32 %d, %a, %b;", {kMin}, {2})),
              (std::vector<std::int64_t>{-4294967296}));
    EXPECT_EQ((evaluate<std::uint64_t, std::uint64_t, std::uint64_t>("mul.hi.u64 %d, %a, %b;", {~0ULL}, {~0ULL})),
              (L{~0ULL - 1}));
    EXPECT_EQ((evaluate<std::uint64_t, std::uint32_t, std::uint32_t, std::uint64_t>("mad.wide.u32 %d, %a, %b, %c;",
                                                                                    {kOnes}, {kOnes}, {1ULL})),
              (L{0xFFFFFFFE00000002}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("mul24.lo.u32 %d, %a, %b;", {0xFF000003}, {5U})),
              (U{15}));
}

TEST(EmulatorInteger, DivisionTruncatesAndByZeroGivesAllOnes) {
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t, std::int32_t>("div.s32 %d, %a, %b;", {-7, kMin, 5}, {2, -1, 0})),
              (I{-3, kMin, -1}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t, std::int32_t>("rem.s32 %d, %a, %b;", {-7, kMin, 5}, {2, -1, 0})),
              (I{-1, 0, -1}));
    EXPECT_EQ((evaluate<std::uint64_t, std::uint64_t, std::uint64_t>("rem.u64 %d, %a, %b;", {~0ULL}, {10ULL})), (L{5}));
}

TEST(EmulatorInteger, MinimumMaximumAbsoluteAndNegationTakeTheirSignedness) {
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t, std::int32_t>("min.s32 %d, %a, %b;", {-1}, {1})), (I{-1}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t, std::int32_t>("min.u32 %d, %a, %b;", {-1}, {1})), (I{1}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t, std::int32_t>("max.relu.s32 %d, %a, %b;", {-3}, {-2})), (I{0}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t>("abs.s32 %d, %a;", {-5, kMin})), (I{5, kMin}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t>("neg.s32 %d, %a;", {5, kMin})), (I{-5, kMin}));
    EXPECT_EQ(
        (evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("min.s16x2 %d, %a, %b;", {0xFFFF0002}, {0x00010001U})),
        (U{0xFFFF0001}));
}

TEST(EmulatorInteger, ShiftsByTheWidthOrMoreShiftEverythingOut) {
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("shl.b32 %d, %a, %b;", {1U, 1U}, {31U, 32U})),
              (U{0x80000000, 0}));
    EXPECT_EQ((evaluate<std::int32_t, std::int32_t, std::uint32_t>("shr.s32 %d, %a, %b;", {-8, -8}, {1U, 99U})),
              (I{-4, -1}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("shr.u32 %d, %a, %b;", {kOnes}, {32U})), (U{0}));
}

TEST(EmulatorInteger, FunnelShiftTakesBitsOfBothWords) {
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>("shf.l.wrap.b32 %d, %a, %b, %c;",
                                                                                    {0x80000001}, {2U}, {1U})),
              (U{5}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>("shf.r.clamp.b32 %d, %a, %b, %c;",
                                                                                    {1U}, {0xABCDU}, {40U})),
              (U{0xABCD}));
}

TEST(EmulatorInteger, FieldsAreExtractedWithTheirSignAndInserted) {
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>("bfe.u32 %d, %a, %b, %c;",
                                                                                    {0xABCD1234}, {8U}, {8U})),
              (U{0x12}));
    EXPECT_EQ((evaluate<std::int32_t, std::uint32_t, std::uint32_t, std::uint32_t>(
                  "bfe.s32 %d, %a, %b, %c;", {0x00000F00, 0x80000000}, {8U, 28U}, {4U, 10U})),
              (I{-1, -8}));
    EXPECT_EQ(
        (evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("bfi.b32 %d, %a, %b, 4, 8;", {0x1FFU}, {0xA000000A})),
        (U{0xA0000FFA}));
}

TEST(EmulatorInteger, BitsAreCountedFoundAndReversed) {
    EXPECT_EQ((evaluate<std::uint32_t, std::uint64_t>("popc.b64 %d, %a;", {~0ULL, 5ULL})), (U{64, 2}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t>("clz.b32 %d, %a;", {0U, 1U})), (U{32, 31}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t>("bfind.u32 %d, %a;", {0U, 0x100U})), (U{kOnes, 8}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t>("bfind.shiftamt.s32 %d, %a;", {0xFFFFFF00})), (U{24}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t>("brev.b32 %d, %a;", {1U, 0x80000001})),
              (U{0x80000000, 0x80000001}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t>("fns.b32 %d, %a, 0, 2;", {0b10110U})), (U{2}));
}

TEST(EmulatorInteger, BytePermutationPicksBytesAndRepeatsSigns) {
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("prmt.b32 %d, %a, %b, 0x7410;", {0x44332211},
                                                                     {0x88776655})),
              (U{0x88552211}));
    EXPECT_EQ(
        (evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("prmt.b32 %d, %a, %b, 0x000F;", {0U}, {0x80000000})),
        (U{0xFF}));
    EXPECT_EQ(
        (evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("prmt.b32.rc16 %d, %a, %b, 1;", {0xAAAABBBB}, {0U})),
        (U{0xAAAAAAAA}));
}

TEST(EmulatorInteger, AnyLogicOfThreeWordsFollowsItsTruthTable) {
    const U a = {0xF0F0F0F0}, b = {0xCCCCCCCC}, c = {0xAAAAAAAA};
    for (std::uint32_t table = 0; table < 256; ++table) {
        const std::string body = "lop3.b32 %d, %a, %b, %c, " + std::to_string(table) + ";";
        const U wanted = {table * 0x01010101U};
        EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>(body, {a[0]}, {b[0]}, {c[0]})),
                  wanted);
    }
}

TEST(EmulatorInteger, CarryGoesFromOneWordToTheNext) {
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("add.cc.u32 %d, %a, %b; addc.u32 %d, %a, %b;",
                                                                     {kOnes, 1U}, {1U, 1U})),
              (U{1, 2}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("sub.cc.u32 %d, %a, %b; subc.u32 %d, %b, %a;",
                                                                     {0U, 5U}, {1U, 5U})),
              (U{0, 0}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>(
                  "mad.lo.cc.u32 %d, %a, %b, %c; madc.hi.u32 %d, %a, %b, 0;", {kOnes}, {kOnes}, {kOnes})),
              (U{0xFFFFFFFF}));
}

TEST(EmulatorInteger, DotProductsOfBytesTakeTheSignOfEachSide) {
    EXPECT_EQ((evaluate<std::int32_t, std::uint32_t, std::uint32_t, std::int32_t>("dp4a.s32.s32 %d, %a, %b, %c;",
                                                                                  {0x01FF02FE}, {0x02020202}, {100})),
              (I{100}));
    EXPECT_EQ((evaluate<std::int32_t, std::uint32_t, std::uint32_t, std::int32_t>("dp4a.u32.u32 %d, %a, %b, %c;",
                                                                                  {0x01FF02FE}, {0x02020202}, {0})),
              (I{2 * (1 + 255 + 2 + 254)}));
}

TEST(EmulatorInteger, APackedMoveAndItsOppositeKeepTheOrderOfParts) {
    EXPECT_EQ((evaluate<std::uint64_t, std::uint32_t, std::uint32_t>("mov.b64 %d, {%a, %b};", {1U}, {2U})),
              (L{0x200000001}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint64_t>("mov.b64 {_, %d}, %a;", {0x700000009ULL})), (U{7}));
}

TEST(EmulatorInteger, LanesThatAPredicateTakesOutKeepTheirValue) {
    EXPECT_EQ(
        (evaluate<std::int32_t, std::int32_t>("mov.b32 %d, 7; setp.gt.s32 %p, %a, 0; @%p mov.b32 %d, %a; @!%p neg.s32 "
                                              "%d, %d;",
                                              {3, -3})),
        (I{3, -7}));
}

}  // namespace
}  // namespace warpsmith::emulator
