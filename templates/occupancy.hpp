// How many blocks of a kernel are resident on one SM, and which limit decides it.
#pragma once

#include <cstdint>
#include <string>

#include "solver/expr.hpp"
#include "templates/target.hpp"

namespace warpsmith {

// Registers are handed out per warp in units of 256 (8 per thread), on every architecture from sm_70 on.
constexpr std::int64_t kRegisterUnit = 8;

// Shared memory of a block is rounded up to this many bytes, on every architecture from sm_70 on.
constexpr std::int64_t kSmemUnit = 128;

struct Occupancy {
    std::int64_t blocks_per_sm = 0;  // 0 when not even one block fits
    std::string limited_by;          // "threads", "registers", "shared memory", "blocks"
};

// smem_bytes is dynamic plus static shared memory of a block, without what the system reserves.
Occupancy occupancy(const Target& target, std::int64_t threads, std::int64_t registers_per_thread,
                    std::int64_t smem_bytes);

// Registers per thread that a block of `threads` may use at most so that it can be resident at all: the register file
// shared out, in whole units, and never more than the instruction set can name.
Expr registers_available(const Target& target, const Expr& threads);

}  // namespace warpsmith
