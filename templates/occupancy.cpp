#include "templates/occupancy.hpp"

#include <algorithm>
#include <array>

namespace warpsmith {
namespace {

// Each formula stands here once, for numbers and for expressions. Nothing is negative, so that `/` rounds down.
template <class Number>
Number at_least_one(const Number& value) {
    using std::max;
    return max(value, Number(1));
}

template <class Number>
Number rounded_up(const Number& value, std::int64_t unit) {
    return (value + (unit - 1)) / unit * unit;
}

template <class Number>
Number warps_of(const Number& threads) {
    return at_least_one<Number>((threads + (kWarpThreads - 1)) / kWarpThreads);
}

template <class Number>
Number warp_registers(const Number& registers_per_thread) {
    return rounded_up<Number>(at_least_one(registers_per_thread), kRegisterUnit) * kWarpThreads;
}

template <class Number>
Number block_smem(const Target& target, const Number& smem_bytes) {
    return rounded_up<Number>(at_least_one<Number>(smem_bytes + target.smem_reserved_per_block), kSmemUnit);
}

template <class Number>
Number thread_registers(const Target& target, const Number& threads) {
    using std::min;
    Number warps_per_scheduler = (warps_of<Number>(threads) + (kSchedulers - 1)) / kSchedulers;
    Number shared_out = Number(target.registers_per_sm / kSchedulers / kWarpThreads) / warps_per_scheduler /
                        kRegisterUnit * kRegisterUnit;
    return min(shared_out, Number(target.registers_per_thread));
}

template <class Number>
Number smem_for(const Target& target, const Number& blocks) {
    using std::max;
    using std::min;
    Number share = Number(target.smem_per_sm) / at_least_one(blocks) / kSmemUnit * kSmemUnit;
    return max(min(share - target.smem_reserved_per_block, Number(target.smem_per_block)), Number(0));
}

// Blocks by each resource alone, in the order of kResources.
constexpr const char* kResources[] = {"blocks", "threads", "registers", "shared memory"};

template <class Number>
std::array<Number, 4> blocks_by_resource(const Target& target, const Number& threads, const Number& registers,
                                         const Number& smem_bytes) {
    Number warps = warps_of<Number>(threads);
    // Warps are placed on schedulers, each with its share of the registers.
    Number warps_by_registers =
        Number(target.registers_per_sm / kSchedulers) / warp_registers<Number>(registers) * kSchedulers;
    return {Number(target.blocks_per_sm), Number(target.threads_per_sm / kWarpThreads) / warps,
            warps_by_registers / warps, Number(target.smem_per_sm) / block_smem<Number>(target, smem_bytes)};
}

struct ClusterCount {
    std::int64_t blocks = 0, clusters = 0;
};

// cuOccupancyMaxActiveClusters at one block per SM: the same on an H100 SXM and on an H200, both with 132 SMs.
constexpr ClusterCount kCountedOn132[] = {{1, 132}, {2, 66}, {4, 30}, {8, 15}, {16, 7}};

std::int64_t clusters_at_one_block(const Target& target, std::int64_t blocks) {
    if (blocks == 1) {
        return target.sms;
    }
    if (target.architecture == "sm_90a" && target.sms == 132) {
        const auto* counted = std::ranges::find(kCountedOn132, blocks, &ClusterCount::blocks);
        return counted == std::end(kCountedOn132) ? 0 : counted->clusters;
    }
    bool has_clusters = !target.architecture.starts_with("sm_8");
    bool is_portable = blocks == 2 || blocks == 4 || blocks == kPortableCluster;
    return has_clusters && is_portable ? 1 : 0;
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
    std::array<std::int64_t, 4> blocks =
        blocks_by_resource<std::int64_t>(target, threads, registers_per_thread, smem_bytes);
    const auto* scarcest = std::ranges::min_element(blocks);
    return {*scarcest, kResources[scarcest - blocks.begin()]};
}

Expr blocks_per_sm(const Target& target, const Expr& threads, const Expr& registers_per_thread,
                   const Expr& smem_bytes) {
    std::array<Expr, 4> blocks = blocks_by_resource<Expr>(target, threads, registers_per_thread, smem_bytes);
    Expr fewest = min(min(blocks[0], blocks[1]), min(blocks[2], blocks[3]));
    return select(threads <= target.threads_per_block && smem_bytes <= target.smem_per_block, fewest, 0);
}

std::int64_t allocated_registers(std::int64_t registers_per_thread) {
    return warp_registers(registers_per_thread);
}

Expr allocated_registers(const Expr& registers_per_thread) {
    return warp_registers(registers_per_thread);
}

std::int64_t allocated_smem(const Target& target, std::int64_t smem_bytes) {
    return block_smem(target, smem_bytes);
}

Expr allocated_smem(const Target& target, const Expr& smem_bytes) {
    return block_smem(target, smem_bytes);
}

std::int64_t registers_available(const Target& target, std::int64_t threads) {
    return thread_registers(target, threads);
}

Expr registers_available(const Target& target, const Expr& threads) {
    return thread_registers(target, threads);
}

std::int64_t smem_available(const Target& target, std::int64_t blocks) {
    return smem_for(target, blocks);
}

Expr smem_available(const Target& target, const Expr& blocks) {
    return smem_for(target, blocks);
}

Expr require_resident(Model& model, const Target& target, const BlockResources& block) {
    Expr smem_bytes = model.define("smem_bytes", block.smem_bytes);
    Expr registers = model.define("registers", block.registers);
    Expr available = model.define("registers_available", registers_available(target, block.threads));
    model.require(block.threads <= target.threads_per_block, "a block has no more threads than the GPU allows");
    model.require(smem_bytes <= smem_available(target, 1), block.smem_reason);
    model.require(registers <= available, block.register_reason);
    return smem_bytes;
}

std::int64_t cooperative_blocks(const Target& target, std::int64_t blocks_per_sm) {
    return target.sms * blocks_per_sm;
}

Expr cooperative_blocks(const Target& target, const Expr& blocks_per_sm) {
    return target.sms * blocks_per_sm;
}

std::int64_t resident_clusters(const Target& target, std::int64_t blocks, std::int64_t blocks_per_sm) {
    return clusters_at_one_block(target, blocks) * blocks_per_sm;
}

Expr resident_clusters(const Target& target, const Expr& blocks, const Expr& blocks_per_sm) {
    Expr clusters = 0;
    for (std::int64_t size = 1; size <= kGreatestCluster; size *= 2) {
        clusters = select(blocks == size, clusters_at_one_block(target, size), clusters);
    }
    return clusters * blocks_per_sm;
}

}  // namespace warpsmith
