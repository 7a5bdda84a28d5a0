#include "solver/value_range.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TEST(ValueRange, HasAsManyValuesAsStepsLeadFromItsFirstToItsLast) {
    EXPECT_EQ(size({1, 10}), 10U);
    EXPECT_EQ(size({1, 10, 3}), 4U);
    EXPECT_EQ(size({10, 1, -3}), 4U);
    EXPECT_EQ(size({2, 1}), 0U);
    EXPECT_EQ(size({1, std::int64_t{1} << 62U}), std::uint64_t{1} << 62U);
    EXPECT_EQ(size({-kMost - 1, kMost, kMost}), 3U);
    EXPECT_THROW(size({0, std::int64_t{1} << 62U}), Error);
    EXPECT_THROW(size({1, 2, 0}), Error);
}

TEST(ValueRange, ContainsTheValuesThatItsStepsMeet) {
    for (const ValueRange& range : {ValueRange{-4, 9, 3}, ValueRange{8, -4, -3}}) {
        for (std::int64_t value = -6; value <= 12; ++value) {
            bool met = value == -4 || value == -1 || value == 2 || value == 5 || value == 8;
            EXPECT_EQ(contains(range, value), met) << value;
        }
    }
}

TEST(ValueRange, DivisorsAreThoseThatDivisionFinds) {
    for (std::int64_t number = 1; number <= 3000; ++number) {
        std::vector<std::int64_t> expected;
        for (std::int64_t divisor = 1; divisor <= number; ++divisor) {
            if (number % divisor == 0) {
                expected.push_back(divisor);
            }
        }
        ASSERT_EQ(divisors_of(number), expected) << number;
    }
}

TEST(ValueRange, DivisorsOfLargeNumbersAreFound) {
    const std::int64_t p = 2'147'483'647;  // primes
    const std::int64_t q = 2'147'483'629;
    EXPECT_EQ(divisors_of(p * q), (std::vector<std::int64_t>{1, q, p, p * q}));
    EXPECT_EQ(divisors_of(p * p), (std::vector<std::int64_t>{1, p, p * p}));
    EXPECT_EQ(divisors_of(9'223'372'036'854'775'783), (std::vector<std::int64_t>{1, 9'223'372'036'854'775'783}));
    // 2^63 - 1 = 7^2 * 73 * 127 * 337 * 92737 * 649657
    EXPECT_EQ(divisors_of(kMost).size(), 3U * 32U);
    // 2^8 * 3^4 * 5^2 * 7^2 * 11 * 13 * 17 * 19 * 23 * 29 * 31 * 37: no number below 10^18 has more
    std::vector<std::int64_t> divisors = divisors_of(897'612'484'786'617'600);
    EXPECT_EQ(divisors.size(), 103'680U);
    EXPECT_TRUE(std::ranges::is_sorted(divisors));
    EXPECT_TRUE(std::ranges::all_of(divisors, [](std::int64_t d) { return 897'612'484'786'617'600 % d == 0; }));
    EXPECT_THROW(divisors_of(0), Error);
}

TEST(ValueRange, PowersOfTwoLieWithinTheirLimits) {
    EXPECT_EQ(powers_of_two(3, 64), (std::vector<std::int64_t>{4, 8, 16, 32, 64}));
    EXPECT_EQ(powers_of_two(-5, 2), (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(powers_of_two(1, kMost).size(), 63U);
    EXPECT_TRUE(powers_of_two(5, 7).empty());
}

}  // namespace
}  // namespace warpsmith
