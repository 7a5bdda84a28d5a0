// A modelled time for a configuration: what a block does, the target's rates, and how many blocks are resident.
#pragma once

#include "generator/compile.hpp"
#include "templates/family.hpp"

namespace warpsmith {

// From one kernel's start to the next one's with nothing in them: launches back to back take 1.2 to 1.4 us in a graph,
// and the shortest read of device memory 1.9 us (public microbenchmarks of a 132-SM Hopper).
inline constexpr double kLaunchMicroseconds = 2;

// Infinite, bound by the limit that is exceeded, where not even one block is resident.
struct ModelledTime {
    double microseconds = 0;
    std::string bound_by;            // "latency", "tensor cores", "device memory" and so on
    std::int64_t blocks_per_sm = 0;  // resident
    std::int64_t waves = 0;
};

// Registers are the compiler's where `resources` is given. The estimate is of one launch on an otherwise idle GPU.
ModelledTime modelled_time(const Space& space, const Solution& solution, const Resources& resources,
                           const Target& target);

}  // namespace warpsmith
