// One configuration of a kernel, ready to be asked for any runtime sizes whether it fits and how it is launched.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "cache/formula.hpp"
#include "device/device.hpp"
#include "templates/family.hpp"

namespace warpsmith {

// What all configurations of a kernel have in common. A space depends on runtime dimensions through definitions of
// their own names alone (see LaunchGeometry), so that one space serves all sizes.
class SpaceFormulas {
  public:
    // `space` is of any workload with the same fixed dimensions, dtype and options.
    SpaceFormulas(const Space& space, const Family& family);

  private:
    friend class FittedConfig;
    std::vector<Variable> variables_;
    std::size_t constraints_ = 0;
    FormulaPlan plan_;  // of the constraints, then of the launch's extents
};

// Asking allocates nothing.
class FittedConfig {
  public:
    FittedConfig(const Config& config, const SpaceFormulas& space);

    // One that fits no size.
    static FittedConfig none() { return {}; }

    // Whether it is in the space of the workload that has these sizes, one per dimension of the family in its order.
    bool fits(std::span<const std::int64_t> sizes) const;

    // The launch for sizes that it fits.
    LaunchShape launch_shape(std::span<const std::int64_t> sizes) const;

  private:
    FittedConfig() = default;

    bool possible_ = false;             // false: it fits no size
    std::vector<Formula> constraints_;  // those that depend on a size
    struct Extent {
        std::size_t place;  // in extents_
        Formula formula;
    };
    std::array<std::int64_t, 7> extents_{};  // grid_x, grid_y, grid_z, threads, cluster, smem_bytes, cooperative
    std::vector<Extent> open_extents_;       // of these, those that depend on a size
};

}  // namespace warpsmith
