#include "templates/dtype.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace warpsmith {
namespace {

std::uint16_t bits(double value, DType dtype) {
    std::vector<std::byte> bytes = encode(std::vector<double>{value}, dtype);
    std::uint16_t out;
    std::memcpy(&out, bytes.data(), sizeof out);
    return out;
}

double value(std::uint16_t bits, DType dtype) {
    std::byte bytes[2];
    std::memcpy(bytes, &bits, sizeof bits);
    return decode(bytes, dtype).front();
}

TEST(DType, StoresTheBitsOfIeeeHalf) {
    EXPECT_EQ(bits(1.0, DType::f16), 0x3c00);
    EXPECT_EQ(bits(-2.0, DType::f16), 0xc000);
    EXPECT_EQ(bits(65504.0, DType::f16), 0x7bff);  // the largest
    EXPECT_EQ(bits(0x1p-14, DType::f16), 0x0400);  // the smallest normal
    EXPECT_EQ(bits(0x1p-24, DType::f16), 0x0001);  // the smallest of all
    EXPECT_EQ(bits(-0.0, DType::f16), 0x8000);
    EXPECT_EQ(bits(HUGE_VAL, DType::f16), 0x7c00);
}

TEST(DType, StoresTheBitsOfBfloat16) {
    EXPECT_EQ(bits(1.0, DType::bf16), 0x3f80);
    EXPECT_EQ(bits(-0.5, DType::bf16), 0xbf00);
    EXPECT_EQ(bits(0x1p-126, DType::bf16), 0x0080);
    EXPECT_EQ(bits(0x1p-133, DType::bf16), 0x0001);
}

TEST(DType, RoundsTiesToEven) {
    EXPECT_EQ(round_to(DType::bf16, 1.0 + 0x1p-8), 1.0);  // between 1 and 1 + 2^-7
    EXPECT_EQ(round_to(DType::bf16, 1.0 + 3 * 0x1p-8), 1.0 + 0x1p-6);
    EXPECT_EQ(round_to(DType::f16, 1.0 + 0x1p-11), 1.0);
    EXPECT_EQ(round_to(DType::f16, 0x1p-25), 0.0);  // half of the smallest
    EXPECT_EQ(round_to(DType::f16, 3 * 0x1p-25), 0x1p-23);
}

TEST(DType, OverflowsToInfinityAtHalfAnUlpAboveTheLargest) {
    EXPECT_EQ(round_to(DType::f16, 65519.99), 65504.0);
    EXPECT_EQ(round_to(DType::f16, 65520.0), HUGE_VAL);
    EXPECT_EQ(round_to(DType::f16, -70000.0), -HUGE_VAL);
}

TEST(DType, EverySixteenBitPatternSurvivesARoundTrip) {
    for (DType dtype : {DType::f16, DType::bf16}) {
        for (unsigned pattern = 0; pattern < 65536; ++pattern) {
            auto before = static_cast<std::uint16_t>(pattern);
            double read = value(before, dtype);
            if (std::isnan(read)) {
                EXPECT_TRUE(std::isnan(value(bits(read, dtype), dtype)));
            } else {
                EXPECT_EQ(bits(read, dtype), before) << name(dtype);
            }
        }
    }
}

}  // namespace
}  // namespace warpsmith
