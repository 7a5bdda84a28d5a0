#include "tuner/launch_shape.hpp"

#include <fmt/format.h>

#include <limits>

#include "solver/error.hpp"
#include "solver/solution.hpp"

namespace warpsmith {
namespace {

unsigned extent(const Expr& expr, const Solution& solution, std::string_view what, std::int64_t smallest) {
    std::int64_t value = evaluate(expr, solution);
    if (value < smallest || value > std::numeric_limits<std::int32_t>::max()) {
        throw Error(
            fmt::format("working out the launch of {}: {} comes to {}; this is a bug in the family's launch geometry",
                        to_string(solution), what, value));
    }
    return static_cast<unsigned>(value);
}

}  // namespace

LaunchShape launch_shape(const Space& space, const Solution& solution) {
    const LaunchGeometry& launch = space.launch;
    return {.grid = {extent(launch.grid_x, solution, "grid_x", 1), extent(launch.grid_y, solution, "grid_y", 1),
                     extent(launch.grid_z, solution, "grid_z", 1)},
            .block = {extent(launch.threads, solution, "threads", 1), 1, 1},
            .cluster = extent(launch.cluster, solution, "cluster", 1),
            .smem_bytes = extent(launch.smem_bytes, solution, "smem_bytes", 0),
            .cooperative = extent(launch.cooperative, solution, "cooperative", 0) != 0};
}

}  // namespace warpsmith
