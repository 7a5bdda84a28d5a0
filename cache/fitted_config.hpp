// One configuration of a kernel, ready to be asked for any runtime sizes whether it fits and how it is launched.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cache/formula_plan.hpp"
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
    std::size_t sizes_ = 0;  // dimensions of the family
    FormulaPlan plan_;       // of the constraints, then of the launch's extents
};

// Asking allocates nothing.
class FittedConfig {
  public:
    FittedConfig(const Config& config, const SpaceFormulas& space);

    // One that fits no size.
    static FittedConfig none() { return {}; }

    // Its launch where it is in the space of the workload that has these sizes, one per dimension of the family in its
    // order; else nothing.
    std::optional<LaunchShape> launch(std::span<const std::int64_t> sizes) const;

  private:
    static constexpr std::size_t kExtents = 7;

    FittedConfig() = default;
    void set_constraints(ConfiguredPlan& plan, std::size_t count);
    void set_extents(ConfiguredPlan& plan, std::size_t first);

    bool possible_ = false;        // false: it fits no size
    Formulas formulas_;            // of the constraints that depend on a size, then of the extents that do
    std::size_t constraints_ = 0;  // of them
    std::array<std::int64_t, kExtents> extents_{};  // grid_x, grid_y, grid_z, threads, cluster, smem_bytes, cooperative
    std::vector<std::uint8_t> open_extents_;        // of these, those that depend on a size
};

}  // namespace warpsmith
