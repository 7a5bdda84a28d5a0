#include "device/emulator/start_block.hpp"

#include <algorithm>
#include <cstring>

namespace warpsmith::emulator {
namespace {

constexpr std::byte kUnwritten{0xFF};  // NaN in every floating type

std::array<std::uint32_t, 3> unfold(std::uint64_t linear, const std::array<std::uint32_t, 3>& shape) {
    return {static_cast<std::uint32_t>(linear % shape[0]), static_cast<std::uint32_t>(linear / shape[0] % shape[1]),
            static_cast<std::uint32_t>(linear / shape[0] / shape[1])};
}

void start_warp(Warp& warp, Block& block, std::uint32_t index) {
    const Grid& grid = *block.grid;
    const std::uint32_t lanes = std::min(grid.threads - index * kLanes, kLanes);
    warp.program = &grid.program;
    warp.block = &block;
    warp.worker = block.worker;
    warp.index = index;
    warp.born = lanes == kLanes ? kAllLanes : (1U << lanes) - 1;
    warp.live = warp.born;
    warp.executed = 0;
    warp.polled = warp.changed = warp.reschedule = false;
    warp.cluster_arrived = warp.cluster_owed = 0;
    warp.copies.clear();
    warp.products = nullptr;
    std::fill(std::begin(warp.committed), std::end(warp.committed), 0);
    std::fill(std::begin(warp.bulk_committed), std::end(warp.bulk_committed), 0);
    warp.registers.assign(std::max<std::size_t>(warp.registers.size(), grid.register_bytes), std::byte{0});
    std::memset(warp.registers.data() + kReturnSlot, 0xFF, kLanes * sizeof(kNoReturn));
    warp.bases[1] = grid.constants.data();
    warp.groups.assign(1, Group{.pc = grid.entry.first, .lanes = warp.born});
}

void start_block(Block& block, Worker& worker, Cluster& cluster, std::uint32_t rank) {
    const Grid& grid = *worker.grid;
    const std::array<std::uint32_t, 3> place = unfold(rank, grid.config.cluster);
    block.grid = &grid;
    block.worker = &worker;
    block.cluster = &cluster;
    block.rank = rank;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        block.index[axis] = cluster.index[axis] * grid.config.cluster[axis] + place[axis];
    }
    block.linear = block.index[0] + std::uint64_t{grid.config.grid[0]} *
                                        (block.index[1] + std::uint64_t{grid.config.grid[1]} * block.index[2]);
    block.random = grid.config.seed * 0x9E3779B97F4A7C15ULL + block.linear;
    block.shared.assign(grid.shared_bytes, kUnwritten);
    const std::uint32_t warps = (grid.threads + kLanes - 1) / kLanes;
    block.local.assign(std::size_t{warps} * kLanes * grid.local_bytes, std::byte{0});
    block.barriers = {};
    block.bulk.clear();
    block.outgoing.clear();
    block.warps.resize(warps);
    for (std::uint32_t w = 0; w < warps; ++w) {
        start_warp(block.warps[w], block, w);
    }
    if (worker.checker != nullptr) {
        worker.checker->start(block);
    }
}

}  // namespace

std::uint64_t cluster_count(const LaunchConfig& config) {
    std::uint64_t count = 1;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        count *= config.grid[axis] / config.cluster[axis];
    }
    return count;
}

std::uint64_t cluster_blocks(const LaunchConfig& config) {
    return std::uint64_t{config.cluster[0]} * config.cluster[1] * config.cluster[2];
}

std::unique_ptr<Cluster> start_cluster(Worker& worker, std::uint64_t number, std::unique_ptr<Cluster> used) {
    std::unique_ptr<Cluster> cluster = used != nullptr ? std::move(used) : std::make_unique<Cluster>();
    const LaunchConfig& config = worker.grid->config;
    const std::array<std::uint32_t, 3> shape = {config.grid[0] / config.cluster[0], config.grid[1] / config.cluster[1],
                                                config.grid[2] / config.cluster[2]};
    cluster->index = unfold(number, shape);
    cluster->arriving = cluster->passed = 0;
    cluster->proxy_fenced = 0;
    const std::uint32_t ranks = static_cast<std::uint32_t>(cluster_blocks(config));
    while (cluster->blocks.size() < ranks) {
        cluster->blocks.push_back(std::make_unique<Block>());
    }
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
        start_block(*cluster->blocks[rank], worker, *cluster, rank);
    }
    return cluster;
}

}  // namespace warpsmith::emulator
