#include "tuner/model.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "solver/solution.hpp"
#include "templates/occupancy.hpp"

namespace warpsmith {
namespace {

// ex2, tanh, rcp per SM and clock, compute capability 7.0 to 12.0: CUDA C++ Programming Guide, "Arithmetic
// Instructions".
constexpr double kSpecialPerClock = 16;

// Bytes per SM and clock; 124 of them were measured on Hopper: Luo et al., "Benchmarking and Dissecting the Nvidia
// Hopper GPU Architecture via Microbenchmarking", table V.
constexpr double kSharedBytesPerClock = 128;

// Bytes per SM and clock out of L2: 3942 per clock were measured for all of a Hopper's SMs together, the same table.
constexpr double kL2BytesPerClock = 32;

// The share of the tensor cores' peak that mma.sync reaches where wgmma was made for the rest: the same paper, on
// average over its shapes.
constexpr double kMmaSyncShareOfHopper = 0.629;

double amount(const Expr& expr, const Solution& solution) {
    return static_cast<double>(evaluate(expr, solution));
}

double tensor_clocks(const Work& work, const Solution& solution, const Target& target) {
    double peak = target.tensor_flops / 2 / static_cast<double>(target.sms) / target.clock_hz;  // macs per clock
    double share = target.architecture.starts_with("sm_90") ? kMmaSyncShareOfHopper : 1;
    return (amount(work.tensor_macs, solution) / share + amount(work.warpgroup_macs, solution)) / peak;
}

// Clocks that one step of one block keeps a unit of the SM busy; resident blocks share the units.
struct Demand {
    std::string_view unit;
    double clocks = 0;
};

using Demands = std::array<Demand, 5>;

Demands demands_of(const Work& work, const Solution& solution, const Target& target) {
    return {{{"tensor cores", tensor_clocks(work, solution, target)},
             {"arithmetic", amount(work.fma, solution) / static_cast<double>(target.fma_per_clock)},
             {"special functions", amount(work.special, solution) / kSpecialPerClock},
             {"shared memory", amount(work.shared_bytes, solution) / kSharedBytesPerClock},
             {"L2", amount(work.l2_bytes, solution) / kL2BytesPerClock}}};
}

// Warps beyond the fourth share a scheduler with others; fewer leave schedulers, and their units, idle.
constexpr double kSchedulers = 4;

// A step of `resident` blocks on one SM. A block alone does the parts of its step one after another, at the pace of the
// schedulers that its warps occupy; its loads from L2 run beside them. Other blocks fill the gaps, until a unit is busy
// all the time.
Demand step_of(const Demands& demands, double latency_clocks, std::int64_t resident, std::int64_t warps) {
    double share = std::min(1.0, static_cast<double>(warps) / kSchedulers);
    Demand part{"latency", latency_clocks}, busiest;
    double alone = latency_clocks;
    for (const Demand& demand : demands) {
        if (demand.unit != "L2") {
            alone += demand.clocks / share;
            part = demand.clocks / share > part.clocks ? Demand{demand.unit, demand.clocks / share} : part;
        }
        double together = demand.clocks * static_cast<double>(resident);
        busiest = together > busiest.clocks ? Demand{demand.unit, together} : busiest;
    }
    return busiest.clocks > alone ? busiest : Demand{part.unit, alone};
}

}  // namespace

ModelledTime modelled_time(const Space& space, const Solution& solution, const Resources& resources,
                           const Target& target) {
    const LaunchGeometry& launch = space.launch;
    std::int64_t smem = evaluate(launch.smem_bytes, solution) + resources.static_smem_bytes;
    Occupancy fit = occupancy(target, evaluate(launch.threads, solution), resources.registers, smem);
    if (fit.blocks_per_sm == 0) {
        return {.microseconds = std::numeric_limits<double>::infinity(), .bound_by = fit.limited_by};
    }
    std::int64_t blocks =
        evaluate(launch.grid_x, solution) * evaluate(launch.grid_y, solution) * evaluate(launch.grid_z, solution);
    std::int64_t cluster = std::max<std::int64_t>(evaluate(launch.cluster, solution), 1);
    // SMs that clusters leave idle have no blocks.
    std::int64_t sms = std::max<std::int64_t>(resident_clusters(target, cluster, 1) * cluster, 1);
    std::int64_t full_waves = blocks / (sms * fit.blocks_per_sm);
    std::int64_t in_tail = blocks % (sms * fit.blocks_per_sm);

    Demands demands = demands_of(space.work, solution, target);
    double latency = amount(space.work.latency_cycles, solution);
    std::int64_t warps = (evaluate(launch.threads, solution) + 31) / 32;
    Demand full = step_of(demands, latency, fit.blocks_per_sm, warps);
    Demand tail = in_tail == 0 ? Demand{} : step_of(demands, latency, (in_tail + sms - 1) / sms, warps);
    double steps = amount(space.work.steps, solution);
    double busy_s = steps * (static_cast<double>(full_waves) * full.clocks + tail.clocks) / target.clock_hz;
    double memory_s = amount(space.work.device_bytes, solution) / target.memory_bandwidth;
    std::string_view unit = full_waves > 0 ? full.unit : tail.unit;
    return {.microseconds = kLaunchMicroseconds + 1e6 * std::max(busy_s, memory_s),
            .bound_by = std::string(memory_s > busy_s ? "device memory" : unit),
            .blocks_per_sm = fit.blocks_per_sm,
            .waves = full_waves + (in_tail > 0 ? 1 : 0)};
}

}  // namespace warpsmith
