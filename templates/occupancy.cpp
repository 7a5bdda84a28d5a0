#include "templates/occupancy.hpp"

#include <algorithm>
#include <array>

namespace warpsmith {
namespace {

// For numbers and for expressions. Nothing is negative, so that `/` rounds down.
template <class Number>
Number at_least_one(const Number& value) {
    using std::max;
    return max(value, Number(1));
}

std::int64_t rounded_up(std::int64_t value, std::int64_t unit) {
    return (value + (unit - 1)) / unit * unit;
}

template <class Number>
Number warps_of(const Number& threads) {
    return at_least_one<Number>((threads + (kWarpThreads - 1)) / kWarpThreads);
}

// Registers that a warp takes, and shared memory that a block takes, of an SM.
std::int64_t warp_registers(std::int64_t registers_per_thread) {
    return rounded_up(at_least_one(registers_per_thread), kRegisterUnit) * kWarpThreads;
}

std::int64_t block_smem(const Target& target, std::int64_t smem_bytes) {
    return rounded_up(at_least_one(smem_bytes + target.smem_reserved_per_block), kSmemUnit);
}

// Blocks by each resource alone, in the order of kResources.
constexpr const char* kResources[] = {"blocks", "threads", "registers", "shared memory"};

std::array<std::int64_t, 4> blocks_by_resource(const Target& target, std::int64_t threads, std::int64_t registers,
                                               std::int64_t smem_bytes) {
    std::int64_t warps = warps_of(threads);
    // Warps are placed on schedulers, each with its share of the registers.
    std::int64_t warps_by_registers = target.registers_per_sm / kSchedulers / warp_registers(registers) * kSchedulers;
    return {target.blocks_per_sm, target.threads_per_sm / kWarpThreads / warps, warps_by_registers / warps,
            target.smem_per_sm / block_smem(target, smem_bytes)};
}

struct ClusterCount {
    std::int64_t blocks = 0, clusters = 0;
};

// cuOccupancyMaxActiveClusters at one block per SM: the same on an H100 SXM and on an H200, both with 132 SMs.
constexpr ClusterCount kCountedOn132[] = {{1, 132}, {2, 66}, {4, 30}, {8, 15}, {16, 7}};

}  // namespace

Occupancy occupancy(const Target& target, std::int64_t threads, std::int64_t registers_per_thread,
                    std::int64_t smem_bytes) {
    if (threads > target.threads_per_block) {
        return {0, "threads"};
    }
    if (smem_bytes > target.smem_per_block) {
        return {0, "shared memory"};
    }
    std::array<std::int64_t, 4> blocks = blocks_by_resource(target, threads, registers_per_thread, smem_bytes);
    const auto* scarcest = std::ranges::min_element(blocks);
    return {*scarcest, kResources[scarcest - blocks.begin()]};
}

Expr registers_available(const Target& target, const Expr& threads) {
    Expr warps_per_scheduler = ceil_div(warps_of(threads), kSchedulers);
    Expr shared_out =
        target.registers_per_sm / kSchedulers / kWarpThreads / warps_per_scheduler / kRegisterUnit * kRegisterUnit;
    return min(shared_out, target.registers_per_thread);
}

std::int64_t smem_available(const Target& target) {
    std::int64_t of_sm = target.smem_per_sm / kSmemUnit * kSmemUnit - target.smem_reserved_per_block;
    return std::clamp<std::int64_t>(of_sm, 0, target.smem_per_block);
}

Expr require_resident(Model& model, const Target& target, const BlockResources& block) {
    Expr smem_bytes = model.define("smem_bytes", block.smem_bytes);
    Expr registers = model.define("registers", block.registers);
    Expr available = model.define("registers_available", registers_available(target, block.threads));
    model.require(block.threads <= target.threads_per_block, "a block has no more threads than the GPU allows");
    model.require(smem_bytes <= smem_available(target), block.smem_reason);
    model.require(registers <= available, block.register_reason);
    return smem_bytes;
}

std::int64_t largest_cluster(const Target& target) {
    if (target.architecture.starts_with("sm_90") || target.architecture.starts_with("sm_10")) {
        return 16;
    }
    return target.architecture.starts_with("sm_12") ? 8 : 1;
}

std::int64_t resident_clusters(const Target& target, std::int64_t blocks, std::int64_t blocks_per_sm) {
    const auto* counted = std::ranges::find(kCountedOn132, blocks, &ClusterCount::blocks);
    bool is_counted = target.architecture == "sm_90a" && target.sms == 132 && counted != std::end(kCountedOn132);
    return (is_counted ? counted->clusters : target.sms / blocks) * blocks_per_sm;
}

}  // namespace warpsmith
