// The shapes of the tensor-core instructions, and which matrix products they divide.
#pragma once

#include <cstdint>

#include "solver/expr.hpp"

namespace warpsmith {

// M x N += M x K times K x N. PTX ISA, "Matrix multiply-accumulate operation using mma instruction", bf16 and f16.
struct MmaShape {
    std::int64_t m = 0, n = 0, k = 0;
};

inline constexpr MmaShape kMma{16, 8, 16};

// PTX ISA, "Asynchronous warpgroup level matrix shape", bf16 and f16: m64nNk16, N any multiple of 8 up to 256.
inline constexpr MmaShape kWgmmaUnit{64, 8, 16};
inline constexpr std::int64_t kWgmmaMostColumns = 256;
inline constexpr std::int64_t kWarpgroupThreads = 128;

// Whether `rows` warpgroups below one another and `columns` side by side share an m x n tile in whole wgmma units. Of a
// tile that is wider than kWgmmaMostColumns a warpgroup does several instructions.
Expr fits_wgmma(const Expr& m, const Expr& n, const Expr& rows, const Expr& columns);

// 32-bit accumulator registers per thread of an m x n tile over so many warpgroups.
Expr accumulator_registers(const Expr& m, const Expr& n, const Expr& warpgroups);

}  // namespace warpsmith
