#include "templates/occupancy.hpp"

#include <algorithm>

namespace warpsmith {
namespace {

std::int64_t rounded_up(std::int64_t value, std::int64_t unit) {
    return (value + unit - 1) / unit * unit;
}

}  // namespace

Occupancy occupancy(const Target& target, std::int64_t threads, std::int64_t registers_per_thread,
                    std::int64_t smem_bytes) {
    if (threads > target.threads_per_block) {
        return {0, "threads"};
    }
    if (smem_bytes > target.smem_per_block) {
        return {0, "shared memory"};
    }
    std::int64_t warps = (threads + 31) / 32;
    std::int64_t registers_per_warp = rounded_up(std::max<std::int64_t>(registers_per_thread, 1), kRegisterUnit) * 32;
    std::int64_t smem = rounded_up(smem_bytes, kSmemUnit) + target.smem_reserved_per_block;
    // Warps are placed on four schedulers, each with a quarter of the registers.
    std::int64_t warps_by_registers = target.registers_per_sm / 4 / registers_per_warp * 4;
    const Occupancy limits[] = {
        {target.blocks_per_sm, "blocks"},
        {target.threads_per_sm / (warps * 32), "threads"},
        {warps_by_registers / warps, "registers"},
        {smem > 0 ? target.smem_per_sm / smem : target.blocks_per_sm, "shared memory"},
    };
    return *std::min_element(std::begin(limits), std::end(limits),
                             [](const Occupancy& a, const Occupancy& b) { return a.blocks_per_sm < b.blocks_per_sm; });
}

Expr registers_available(const Target& target, const Expr& threads) {
    Expr warps_per_scheduler = ceil_div(threads, Expr(128));
    Expr shared_out =
        Expr(target.registers_per_sm / 4 / 32) / warps_per_scheduler / Expr(kRegisterUnit) * Expr(kRegisterUnit);
    return min(shared_out, Expr(target.registers_per_thread));
}

}  // namespace warpsmith
