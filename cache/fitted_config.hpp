// One configuration of a kernel, ready to be asked for any runtime sizes whether it fits and how it is launched.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "cache/formula.hpp"
#include "device/device.hpp"
#include "templates/family.hpp"

namespace warpsmith {

// Asking allocates nothing. A space depends on runtime dimensions through definitions of their own names alone (see
// LaunchGeometry), so that one space serves all sizes.
class FittedConfig {
  public:
    // `space` is of any workload with the same fixed dimensions, dtype and options.
    FittedConfig(const Config& config, const Space& space, const Family& family);

    // One that fits no size.
    static FittedConfig none() { return {}; }

    // The launch for these sizes, one per dimension of the family in its order; nothing where the configuration is not
    // in the space of the workload that has them.
    std::optional<LaunchShape> launch_shape(std::span<const std::int64_t> sizes) const;

  private:
    FittedConfig() = default;

    bool possible_ = false;             // false: it fits no size
    std::vector<Formula> constraints_;  // those that depend on a size
    std::vector<Formula> launch_;       // grid_x, grid_y, grid_z, threads, cluster, smem_bytes
};

}  // namespace warpsmith
