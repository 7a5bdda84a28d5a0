// Sets up the blocks of a cluster, as they are before their first instruction.
#pragma once

#include <cstdint>
#include <memory>

#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {

// `number` counts clusters, x fastest. A finished cluster that is passed in is used again.
std::unique_ptr<Cluster> start_cluster(Worker& worker, std::uint64_t number, std::unique_ptr<Cluster> used);

// How many clusters a launch has, and blocks a cluster.
std::uint64_t cluster_count(const LaunchConfig& config);
std::uint64_t cluster_blocks(const LaunchConfig& config);

}  // namespace warpsmith::emulator
