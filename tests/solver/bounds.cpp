#include "solver/bounds.hpp"

#include <gtest/gtest.h>

#include <random>

#include "solver/scalar.hpp"

namespace warpsmith {
namespace {

Bounds of(Op op, std::initializer_list<Bounds> operands) {
    return bounds_of(op, std::span(operands.begin(), operands.size()));
}

std::vector<std::int64_t> values_in(const Bounds& bounds) {
    std::vector<std::int64_t> values;
    for (std::int64_t value = bounds.low; value <= bounds.high; ++value) {
        if (value % bounds.divisor == 0) {
            values.push_back(value);
        }
    }
    return values;
}

// A few numbers around zero, all of which a divisor may divide; or a single one.
Bounds random_bounds(std::mt19937& random) {
    auto pick = [&](std::int64_t least, std::int64_t greatest) {
        return std::uniform_int_distribution<std::int64_t>(least, greatest)(random);
    };
    const std::int64_t divisor = pick(1, 3);
    const std::int64_t low = divisor * pick(-4, 6);
    Bounds bounds = bounds_between(low, low + divisor * pick(0, 3));
    bounds.divisor = bounds.low == bounds.high ? bounds.divisor : divisor;
    return bounds;
}

Scalar evaluated(Op op, std::int64_t left, std::int64_t right) {
    if (op == Op::logical_and || op == Op::logical_or) {
        return Int128{(left != 0) == (op == Op::logical_or) ? left : right};
    }
    return compute(op, Int128{left}, Int128{right});
}

TEST(Bounds, ContainEveryValueThatAnOperationHasAndAreUnknownWhereItMayHaveNone) {
    constexpr Op kOps[] = {Op::add,        Op::subtract, Op::multiply,    Op::floor_divide, Op::modulo,
                           Op::minimum,    Op::maximum,  Op::equal,       Op::not_equal,    Op::less,
                           Op::less_equal, Op::greater,  Op::logical_and, Op::logical_or,   Op::greater_equal};
    std::mt19937 random(7);
    std::size_t known = 0;
    for (int i = 0; i < 3000; ++i) {
        const Bounds left = random_bounds(random);
        const Bounds right = random_bounds(random);
        for (const Op op : kOps) {
            const Bounds bounds = of(op, {left, right});
            known += bounds.known() ? 1 : 0;
            for (const std::int64_t a : values_in(left)) {
                for (const std::int64_t b : values_in(right)) {
                    const Scalar value = evaluated(op, a, b);
                    ASSERT_FALSE(bounds.known() && failed(value));
                    const Int128 number = failed(value) ? Int128{0} : std::get<Int128>(value);
                    ASSERT_TRUE(!bounds.known() ||
                                (number >= bounds.low && number <= bounds.high && number % bounds.divisor == 0))
                        << "operation " << static_cast<int>(op) << " of " << a << " and " << b << " is "
                        << static_cast<std::int64_t>(number) << ", not in " << bounds.low << " to " << bounds.high;
                }
            }
        }
    }
    EXPECT_GT(known, 30'000U);
}

TEST(Bounds, OfSingleValuesAreTheValue) {
    constexpr Op kOps[] = {Op::add, Op::multiply, Op::floor_divide, Op::modulo, Op::power, Op::less, Op::logical_or};
    for (std::int64_t left = -5; left <= 5; ++left) {
        for (std::int64_t right = 1; right <= 4; ++right) {
            for (const Op op : kOps) {
                const Bounds bounds = of(op, {bounds_of(left), bounds_of(right)});
                const auto value = static_cast<std::int64_t>(std::get<Int128>(evaluated(op, left, right)));
                EXPECT_TRUE(bounds.known() && bounds.low == value && bounds.high == value) << left << " " << right;
            }
        }
    }
}

TEST(Bounds, KnowThatADivisorWhoseFactorDoesNotDivideLeavesARemainder) {
    const Bounds multiples_of_three = of(Op::multiply, {bounds_of(3), bounds_between(1, 5)});
    EXPECT_TRUE(of(Op::modulo, {bounds_of(16), multiples_of_three}).always_true());
    EXPECT_FALSE(of(Op::modulo, {bounds_of(18), multiples_of_three}).always_true());
}

TEST(Bounds, AreUnknownBeyond62Bits) {
    const Bounds large = bounds_between(0, std::int64_t{1} << 62U);
    EXPECT_TRUE(large.known());
    EXPECT_FALSE(of(Op::add, {large, bounds_of(1)}).known());
    EXPECT_FALSE(of(Op::multiply, {large, bounds_of(-2)}).known());
    EXPECT_FALSE(of(Op::multiply, {bounds_between(-3, 3), large}).known());
    EXPECT_FALSE(of(Op::power, {bounds_of(3), bounds_of(100)}).known());
    EXPECT_FALSE(bounds_of(std::numeric_limits<std::int64_t>::min()).known());
}

TEST(Bounds, OfAChoiceAreThoseOfWhatCanBeChosen) {
    const Bounds unknown;
    const Bounds small = bounds_between(1, 2);
    const Bounds large = bounds_between(7, 9);
    const Bounds either = of(Op::select, {bounds_between(0, 1), small, large});
    EXPECT_TRUE(either.low == 1 && either.high == 9);
    EXPECT_EQ(of(Op::select, {bounds_of(1), small, unknown}).high, 2);
    EXPECT_TRUE(of(Op::logical_and, {bounds_of(0), unknown}).always_false());
    EXPECT_FALSE(of(Op::logical_and, {bounds_between(0, 1), unknown}).known());
    EXPECT_FALSE(of(Op::multiply, {bounds_of(0), unknown}).known());
}

}  // namespace
}  // namespace warpsmith
