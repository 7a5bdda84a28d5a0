// What wgmma has under way, for the checks: registers that nobody may touch before wgmma.wait_group, and shared memory
// that nobody may write.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "device/emulator/program.hpp"

namespace warpsmith::emulator {

struct Warp;

// A register that a wgmma.mma_async named, or that holds what one did by way of moves. It is under way as long as its
// group is not complete.
struct HeldRegister {
    enum class As : std::uint8_t { nothing, accumulator, input };
    As as = As::nothing;
    bool used = false;        // of an accumulator that is complete: other instructions touched it, or made it of one
    std::uint32_t pc = 0;     // of the wgmma
    std::uint32_t group = 0;  // its commit group
    std::uint32_t fence = 0;  // how many wgmma.fence came before it
};

// Shared memory that a wgmma reads.
struct ProductInput {
    std::uint32_t pc = 0, group = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces;  // [first, last): offsets, ascending
    bool overwritten = false;                                     // and told

    bool overlaps(std::uint64_t first, std::uint64_t last) const;
};

// Of one warp.
struct WarpProducts {
    std::vector<HeldRegister> registers;  // by place in Warp::registers
    std::vector<ProductInput> inputs;
    std::uint32_t committed = 0;  // groups closed
    std::uint32_t complete = 0;   // groups that a wait has covered
    std::uint32_t fences = 0;
    std::set<std::pair<std::uint32_t, std::uint32_t>> told;  // (wgmma, line that uses its registers)

    bool under_way(const HeldRegister& held) const {
        return held.as != HeldRegister::As::nothing && held.group >= complete;
    }
};

// A module's program in which instructions that may touch registers of a wgmma tell the checks before they run.
Program watched(const Program& program);

// All that follow do nothing while races are not checked. A wgmma uses these registers: its accumulators, and A.
void hold_registers(Warp& warp, const Instruction& instruction, std::span<const Slot> accumulators,
                    std::span<const Slot> a);

// It reads the 16 bytes at each of these addresses of shared memory.
void hold_input(Warp& warp, const Instruction& instruction, std::span<const std::uint64_t> addresses);

void fence_products(Warp& warp);
void commit_products(Warp& warp);

// All but the `kept` newest groups are complete.
void await_products(Warp& warp, std::uint32_t kept);

}  // namespace warpsmith::emulator
