// Floating-point arithmetic, by IEEE 754 and the PTX ISA's definitions.
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

using F = std::vector<float>;
using H = std::vector<std::uint16_t>;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kSmall = 1e-40F;  // subnormal
constexpr std::uint32_t kCanonicalNan = 0x7FFFFFFF;

std::uint32_t bits(float value) {
    return std::bit_cast<std::uint32_t>(value);
}

TEST(EmulatorFloat, ArithmeticRoundsOnce) {
    std::mt19937 random(7);
    std::vector<float> a, b, c;
    for (int i = 0; i < 32; ++i) {
        a.push_back(std::ldexp(static_cast<float>(random()), static_cast<int>(random() % 60) - 60));
        b.push_back(-std::ldexp(static_cast<float>(random()), static_cast<int>(random() % 60) - 60));
        c.push_back(std::ldexp(static_cast<float>(random()), static_cast<int>(random() % 60) - 60));
    }
    const F sum = run_lanes<float>("add.f32 %d, %a, %b;", a, b, c),
            fused = run_lanes<float>("fma.rn.f32 %d, %a, %b, %c;", a, b, c);
    const F quotient = run_lanes<float>("div.rn.f32 %d, %a, %b;", a, b, c),
            root = run_lanes<float>("sqrt.rn.f32 %d, %a;", a, b, c);
    for (std::size_t i = 0; i < 32; ++i) {
        EXPECT_EQ(sum[i], a[i] + b[i]);
        EXPECT_EQ(fused[i], std::fma(a[i], b[i], c[i]));
        EXPECT_EQ(quotient[i], a[i] / b[i]);
        EXPECT_EQ(root[i], std::sqrt(a[i]));
    }
}

TEST(EmulatorFloat, EveryNanIsTheCanonicalOne) {
    EXPECT_EQ((evaluate<std::uint32_t, float, float>("add.f32 %d, %a, %b;", {kInfinity, -kNan}, {-kInfinity, 1.0F})),
              (U{kCanonicalNan, kCanonicalNan}));
    EXPECT_EQ((evaluate<std::uint32_t, float>("sqrt.rn.f32 %d, %a;", {-1.0F})), (U{kCanonicalNan}));
}

TEST(EmulatorFloat, SubnormalsStayUnlessFlushed) {
    EXPECT_EQ((evaluate<float, float, float>("add.f32 %d, %a, %b;", {kSmall}, {kSmall})), (F{2 * kSmall}));
    EXPECT_EQ((evaluate<std::uint32_t, float, float>("add.ftz.f32 %d, %a, %b;", {kSmall, -kSmall}, {kSmall, -kSmall})),
              (U{0, 0x80000000}));
    EXPECT_EQ((evaluate<std::uint32_t, float, float>("mul.ftz.f32 %d, %a, %b;", {1e-20F}, {1e-20F})), (U{0}));
}

TEST(EmulatorFloat, SaturationClampsToUnitAndTurnsNanIntoZero) {
    EXPECT_EQ((evaluate<float, float, float>("add.sat.f32 %d, %a, %b;", {2.0F, -2.0F, 0.25F, kNan},
                                             {1.0F, 1.0F, 0.5F, 0.0F})),
              (F{1.0F, 0.0F, 0.75F, 0.0F}));
}

// 1 + 2^-25 lies between 1 and the next float, 1 + 2^-23.
TEST(EmulatorFloat, DirectedRoundingGoesTheWayItSays) {
    const float next = std::nextafter(1.0F, 2.0F), tiny = std::ldexp(1.0F, -25);
    EXPECT_EQ((evaluate<float, float, float>("add.rp.f32 %d, %a, %b;", {1.0F, -1.0F}, {tiny, -tiny})),
              (F{next, -1.0F}));
    EXPECT_EQ((evaluate<float, float, float>("add.rm.f32 %d, %a, %b;", {1.0F, -1.0F}, {tiny, -tiny})),
              (F{1.0F, -next}));
    EXPECT_EQ((evaluate<float, float, float>("add.rz.f32 %d, %a, %b;", {1.0F, -1.0F}, {tiny, -tiny})),
              (F{1.0F, -1.0F}));
    EXPECT_EQ((evaluate<float, float, float, float>("fma.rp.f32 %d, %a, %b, %c;", {1.0F}, {1.0F}, {1e-30F})),
              (F{next}));
    EXPECT_EQ((evaluate<float, float, float>("mul.rz.f32 %d, %a, %b;", {3e38F}, {2.0F})),
              (F{std::numeric_limits<float>::max()}));
    EXPECT_EQ((evaluate<std::uint32_t, float, float>("sub.rm.f32 %d, %a, %b;", {1.0F}, {1.0F})), (U{bits(-0.0F)}));
    // 1/3 lies between 0x2AAAAA and 0x2AAAAB of 2^-25.
    EXPECT_EQ((evaluate<float, float, float>("div.rp.f32 %d, %a, %b;", {1.0F}, {3.0F})), (F{0x1.555556p-2F}));
    EXPECT_EQ((evaluate<float, float, float>("div.rm.f32 %d, %a, %b;", {1.0F}, {3.0F})), (F{0x1.555554p-2F}));
    EXPECT_EQ((evaluate<double, double, double>("add.rp.f64 %d, %a, %b;", {1.0}, {1e-30})),
              (std::vector<double>{std::nextafter(1.0, 2.0)}));
}

TEST(EmulatorFloat, MinimumAndMaximumPreferNumbersAndOrderZeros) {
    EXPECT_EQ((evaluate<std::uint32_t, float, float>("min.f32 %d, %a, %b;", {kNan, 1.0F, 0.0F, kNan},
                                                     {2.0F, kNan, -0.0F, kNan})),
              (U{bits(2.0F), bits(1.0F), bits(-0.0F), kCanonicalNan}));
    EXPECT_EQ((evaluate<std::uint32_t, float, float>("max.f32 %d, %a, %b;", {-0.0F}, {0.0F})), (U{0}));
    EXPECT_EQ((evaluate<std::uint32_t, float, float>("max.NaN.f32 %d, %a, %b;", {kNan}, {0.0F})), (U{kCanonicalNan}));
    EXPECT_EQ((evaluate<float, float, float>("min.xorsign.abs.f32 %d, %a, %b;", {-3.0F}, {2.0F})), (F{-2.0F}));
}

TEST(EmulatorFloat, ComparisonsWithNanFollowTheirKind) {
    const std::string select = " selp.b32 %d, 1, 0, %p;";
    const auto holds = [&](const std::string& op) {
        return evaluate<int, float, float>("setp." + op + ".f32 %p, %a, %b;" + select, {1.0F, kNan}, {1.0F, 1.0F});
    };
    EXPECT_EQ(holds("eq"), (std::vector<int>{1, 0}));
    EXPECT_EQ(holds("equ"), (std::vector<int>{1, 1}));
    EXPECT_EQ(holds("ne"), (std::vector<int>{0, 0}));
    EXPECT_EQ(holds("neu"), (std::vector<int>{0, 1}));
    EXPECT_EQ(holds("ge"), (std::vector<int>{1, 0}));
    EXPECT_EQ(holds("ltu"), (std::vector<int>{0, 1}));
    EXPECT_EQ(holds("num"), (std::vector<int>{1, 0}));
    EXPECT_EQ(holds("nan"), (std::vector<int>{0, 1}));
}

TEST(EmulatorFloat, AComparisonJoinsWithAPredicateAndGivesItsOppositeToo) {
    EXPECT_EQ(
        (evaluate<int, int, int>("setp.gt.s32 %q, %b, 0; setp.lt.and.s32 %p|%q, %a, 5, %q; selp.b32 %d, 1, 0, %p; @%q "
                                 "add.u32 %d, %d, 2;",
                                 {1, 9, 1}, {1, 1, 0})),
        (std::vector<int>{1, 2, 0}));
}

// Largest relative errors that the PTX ISA states: 2^-22 for ex2, 2^-23 for rcp and rsqrt, 2^-11 for tanh.
TEST(EmulatorFloat, ApproximationsStayWithinTheirDocumentedError) {
    const std::vector<float> x = lanes_of({-3.7F, -0.1F, 1e-3F, 0.7F, 2.0F, 9.5F, 30.0F, 0.25F});
    struct Row {
        const char* body;
        double (*exact)(double);
        double error;
    };
    const Row rows[] = {
        {"ex2.approx.f32 %d, %a;", [](double v) { return std::exp2(v); }, 0x1p-22},
        {"tanh.approx.f32 %d, %a;", [](double v) { return std::tanh(v); }, 0x1p-11},
        {"rcp.approx.f32 %d, %a;", [](double v) { return 1 / v; }, 0x1p-23},
        {"abs.f32 %d, %a; rsqrt.approx.f32 %d, %d;", [](double v) { return 1 / std::sqrt(std::fabs(v)); }, 0x1p-22},
        {"abs.f32 %d, %a; lg2.approx.f32 %d, %d;", [](double v) { return std::log2(std::fabs(v)); }, 0x1p-22},
        {"sin.approx.f32 %d, %a;", [](double v) { return std::sin(v); }, 0x1p-20},
        {"cos.approx.f32 %d, %a;", [](double v) { return std::cos(v); }, 0x1p-20}};
    for (const Row& row : rows) {
        const std::vector<float> result = run_lanes<float>(row.body, x, x, x);
        for (std::size_t i = 0; i < result.size(); ++i) {
            const double exact = row.exact(static_cast<double>(x[i]));
            EXPECT_NEAR(static_cast<double>(result[i]), exact, row.error * std::fabs(exact)) << row.body << x[i];
        }
    }
}

TEST(EmulatorFloat, ApproximationsHaveTheirLimits) {
    EXPECT_EQ((evaluate<float, float>("ex2.approx.ftz.f32 %d, %a;", {-kInfinity, kInfinity, 200.0F, -200.0F})),
              (F{0.0F, kInfinity, kInfinity, 0.0F}));
    EXPECT_EQ((evaluate<float, float>("lg2.approx.f32 %d, %a;", {0.0F, kInfinity})), (F{-kInfinity, kInfinity}));
    EXPECT_EQ((evaluate<std::uint32_t, float>("lg2.approx.f32 %d, %a;", {-1.0F})), (U{kCanonicalNan}));
    EXPECT_EQ((evaluate<std::uint32_t, float>("tanh.approx.f32 %d, %a;", {-0.0F, kInfinity})),
              (U{bits(-0.0F), bits(1.0F)}));
    EXPECT_EQ((evaluate<float, float>("rcp.approx.f32 %d, %a;", {0.0F, -kInfinity})), (F{kInfinity, -0.0F}));
}

// 1 + 2^-11 lies half-way between the halves 1 and 1 + 2^-10; a fused multiply-add that rounded to single precision
// first would lose the 2^-40 that decides.
TEST(EmulatorFloat, FusedHalvesRoundOnce) {
    const std::uint16_t one = 0x3C00, above = 0x3C01, two_to_minus_11 = 0x1000, smallest = 0x0001;
    EXPECT_EQ((evaluate<std::uint16_t, std::uint16_t, std::uint16_t, std::uint16_t>("fma.rn.f16 %d, %a, %b, %c;", {one},
                                                                                    {two_to_minus_11}, {one})),
              (H{one}));
    const std::uint16_t just_over_one = 0x3C01, half_unit = 0x1000;  // (1 + 2^-10) * 2^-11 + 1: above the middle
    EXPECT_EQ((evaluate<std::uint16_t, std::uint16_t, std::uint16_t, std::uint16_t>(
                  "fma.rn.f16 %d, %a, %b, %c;", {just_over_one}, {half_unit}, {one})),
              (H{above}));
    EXPECT_EQ((evaluate<std::uint16_t, std::uint16_t, std::uint16_t, std::uint16_t>("fma.rn.f16 %d, %a, %b, %c;",
                                                                                    {smallest}, {smallest}, {0x6400})),
              (H{0x6400}));
}

TEST(EmulatorFloat, PackedHalvesAreTwoResults) {
    // 1.5 and 2 times 2 and 0.5, then plus 1 and -1.
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>(
                  "fma.rn.f16x2 %d, %a, %b, %c;", {0x3E004000}, {0x40003800}, {0x3C00BC00})),
              (U{0x44000000}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("mul.rn.bf16x2 %d, %a, %b;", {0x3FC04000},
                                                                     {0x40003F00})),
              (U{0x40403F80}));
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t>("max.NaN.bf16x2 %d, %a, %b;", {0x7FC04000},
                                                                     {0x3F803F80})),
              (U{0x7FFF4000}));
}

TEST(EmulatorFloat, ReluOfAFusedMultiplyAddIsNeverNegative) {
    EXPECT_EQ((evaluate<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>(
                  "fma.rn.relu.f16x2 %d, %a, %b, %c;", {0x3C003C00}, {0xBC003C00}, {0x00000000U})),
              (U{0x00003C00}));
}

TEST(EmulatorFloat, ClampedHalvesAreFlushedToo) {
    EXPECT_EQ(
        (evaluate<std::uint16_t, std::uint16_t, std::uint16_t>("mul.rn.ftz.sat.f16 %d, %a, %b;", {0x1000}, {0x1000})),
        (std::vector<std::uint16_t>{0}));  // 2^-22, a subnormal half
}

TEST(EmulatorFloat, ZerosTestAsNormal) {
    EXPECT_EQ((evaluate<int>("testp.normal.f32 %p, %a;\nselp.s32 %d, 1, 0, %p;", {0.0F, -0.0F, 1.0F, 1e-40F})),
              (std::vector<int>{1, 1, 1, 0}));
}

TEST(EmulatorFloat, AnApproximateQuotientByAHugeNumberVanishes) {
    const std::vector<float> quotients = evaluate<float>(
        "div.approx.f32 %d, %a, %b;", {1e38F, -1e38F, std::numeric_limits<float>::infinity()}, {1e38F, 1e38F, 3e38F});
    EXPECT_EQ(quotients[0], 0.0F);
    EXPECT_TRUE(std::signbit(quotients[1]));
    EXPECT_TRUE(std::isnan(quotients[2]));
}

TEST(EmulatorFloat, AnUnknownModifierIsAFindingAndNeverAWrongResult) {
    const Module module = Module::parse(lane_kernel("add.rn.wild.f32 %d, %a, %b;", 4, 4, 4, 4));
    Memory memory;
    const std::uint64_t buffer = upload(memory, std::vector<float>(32, 1.0F));
    const Parameters parameters = Parameters().add(buffer).add(buffer).add(buffer).add(buffer);
    const LaunchResult result = launch(module, "k", {.block = {32, 1, 1}}, parameters.bytes(), memory);
    EXPECT_EQ(kinds(result), std::vector{FindingKind::unsupported_instruction});
    EXPECT_NE(told(result).find("add.rn.wild.f32"), std::string::npos) << told(result);
    EXPECT_FALSE(result.completed);
}

}  // namespace
}  // namespace warpsmith::emulator
