#include "templates/mma_shapes.hpp"

#include <gtest/gtest.h>

#include "solver/search.hpp"

namespace warpsmith {
namespace {

bool fits(std::int64_t m, std::int64_t n, std::int64_t rows, std::int64_t columns) {
    Model model;
    model.variable("x", {1});
    model.require(fits_wgmma(m, n, rows, columns), "whole units");
    return count(model) == 1;
}

TEST(Wgmma, EveryWarpgroupHasWholeUnitsOf64RowsBy8Columns) {
    EXPECT_TRUE(fits(64, 8, 1, 1));
    EXPECT_FALSE(fits(32, 8, 1, 1));
    EXPECT_FALSE(fits(64, 12, 1, 1));
    EXPECT_TRUE(fits(128, 8, 2, 1));
    EXPECT_FALSE(fits(64, 8, 2, 1));
    EXPECT_TRUE(fits(64, 24, 1, 3));
    EXPECT_FALSE(fits(64, 16, 1, 3));
    EXPECT_TRUE(fits(64, 512, 1, 1));  // two instructions
}

std::int64_t registers(std::int64_t m, std::int64_t n, std::int64_t warpgroups) {
    Model model;
    model.variable("x", {1});
    model.define("registers", accumulator_registers(m, n, warpgroups));
    return first(model).value()["registers"];
}

// PTX ISA, "Register Fragments for wgmma.mma_async.m64nNk16": of D a thread has N / 2 numbers.
TEST(Wgmma, AThreadHasHalfAsManyAccumulatorsAsTheInstructionHasColumns) {
    EXPECT_EQ(registers(64, 8, 1), 4);
    EXPECT_EQ(registers(64, kWgmmaMostColumns, 1), 128);
    EXPECT_EQ(registers(128, 128, 2), 64);
    EXPECT_EQ(registers(192, 80, 3), 40);
}

}  // namespace
}  // namespace warpsmith
