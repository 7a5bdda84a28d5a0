#include "tuner/counted_model.hpp"

#include <algorithm>
#include <cmath>

#include "solver/search.hpp"

namespace warpsmith {
namespace {

using emulator::Class;
using emulator::Counts;

constexpr double kWarpLanes = 32, kSectorBytes = 32;

// Shared memory serves its 32 banks of 4 bytes in one pass.
constexpr double kPassBytes = 128;

// Clocks from a load to the use of what it loaded: 29 for shared memory and 263 for L2 were measured on Hopper: Luo et
// al., "Benchmarking and Dissecting the Nvidia Hopper GPU Architecture via Microbenchmarking", table IV. What depends
// on arithmetic waits 4 clocks for it (the same for every architecture since Volta).
struct Latency {
    Class kind;
    double clocks;
};
constexpr double kArithmeticClocks = 4, kSharedClocks = 29, kL2Clocks = 263;
constexpr Latency kLatencies[] = {
    {Class::load_global, kL2Clocks},     {Class::atomic, kL2Clocks},         {Class::load_shared, kSharedClocks},
    {Class::matrix_load, kSharedClocks}, {Class::load_local, kSharedClocks}, {Class::shuffle, kSharedClocks},
    {Class::tensor, kSharedClocks},      {Class::special, kSharedClocks},    {Class::barrier, kSharedClocks},
};

// Instructions of a warp that are under way at a time: compilers move loads up and unroll loops, to that end. Modelled
// times of recurrent and attention kernels come to lie on either side of what an H200 took: with 4, LSTMs are modelled
// 2.1 to 2.8 times too slow, attention 0.7 to 1.1 times.
constexpr double kUnderWay = 6;

double count_of(const Counts& counts, Class kind) {
    return static_cast<double>(counts.of(kind).warps);
}

// Of all warps together, one instruction after another.
double chain_clocks(const Counts& counts) {
    double clocks = kArithmeticClocks * static_cast<double>(counts.all.warps);
    for (const Latency& latency : kLatencies) {
        clocks += (latency.clocks - kArithmeticClocks) * count_of(counts, latency.kind);
    }
    return clocks;
}

double blocks_of(const LaunchShape& shape) {
    return static_cast<double>(shape.grid[0]) * shape.grid[1] * shape.grid[2];
}

double threads_of(const LaunchShape& shape) {
    return static_cast<double>(shape.block[0]) * shape.block[1] * shape.block[2];
}

// At least one of what there is at all.
Expr share(double total, double parts) {
    return Expr(static_cast<std::int64_t>(std::ceil(total / parts)));
}

}  // namespace

Work counted_work(const CountedLaunch& launch) {
    const Counts& counts = launch.counts;
    const double blocks = blocks_of(launch.shape);
    const double warps = blocks * std::ceil(threads_of(launch.shape) / kWarpLanes);
    const double others =
        static_cast<double>(counts.all.warps) - count_of(counts, Class::special) - count_of(counts, Class::tensor);
    const double sector_bytes = kSectorBytes * static_cast<double>(counts.traffic.global_sectors);
    return {.tensor_macs = share(static_cast<double>(counts.tensor_macs), blocks),
            .fma = share(kWarpLanes * others, blocks),  // each takes a turn of a scheduler, whatever its lanes do
            .special = share(kWarpLanes * count_of(counts, Class::special), blocks),
            .shared_bytes = share(kPassBytes * static_cast<double>(counts.traffic.shared_wavefronts), blocks),
            .l2_bytes = share(sector_bytes, blocks),
            .latency_cycles = share(chain_clocks(counts) / kUnderWay, warps),
            .device_bytes = share(std::min(sector_bytes, static_cast<double>(launch.buffer_bytes)), 1)};
}

ModelledTime modelled_time(const CountedLaunch& launch, const Resources& resources, const Target& target) {
    const LaunchShape& shape = launch.shape;
    Space space{.launch = {.grid_x = std::int64_t{shape.grid[0]},
                           .grid_y = std::int64_t{shape.grid[1]},
                           .grid_z = std::int64_t{shape.grid[2]},
                           .threads = static_cast<std::int64_t>(threads_of(shape)),
                           .cluster = std::int64_t{shape.cluster},
                           .smem_bytes = static_cast<std::int64_t>(shape.smem_bytes),
                           .cooperative = std::int64_t{shape.cooperative ? 1 : 0}},
                .work = counted_work(launch)};
    space.model.variable("launch", std::vector<std::int64_t>{1});  // a space has one, a launch has no choice
    return modelled_time(space, first(space.model).value(), resources, target);
}

}  // namespace warpsmith
