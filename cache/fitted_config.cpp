#include "cache/fitted_config.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>

namespace warpsmith {
namespace {

OpenSizes runtime_positions(const Family& family) {
    OpenSizes positions;
    for (std::size_t i = 0; i < family.dimensions.size(); ++i) {
        if (family.dimensions[i].binding == Binding::runtime) {
            positions.emplace(family.dimensions[i].name, i);
        }
    }
    return positions;
}

bool has_value(const Variable& variable, std::int64_t value) {
    if (variable.range) {
        return contains(*variable.range, value);
    }
    return std::find(variable.values.begin(), variable.values.end(), Value(value)) != variable.values.end();
}

// The value of each variable of the model; nothing where the configuration is not one of its choices.
std::optional<std::vector<std::int64_t>> values_of(const Config& config, const std::vector<Variable>& variables) {
    std::vector<std::int64_t> values;
    for (const Variable& variable : variables) {
        const auto field = std::find_if(config.fields.begin(), config.fields.end(),
                                        [&](const auto& f) { return f.first == variable.name; });
        if (field == config.fields.end() || !has_value(variable, field->second)) {
            return std::nullopt;
        }
        values.push_back(field->second);
    }
    return values.size() == config.fields.size() ? std::optional(values) : std::nullopt;
}

constexpr std::array<std::int64_t, 7> kSmallest = {1, 1, 1, 1, 1, 0, 0};  // in the order of extents_

// What a driver takes for the extent at this place.
bool possible(std::size_t place, std::int64_t extent) {
    return extent >= kSmallest[place] && extent <= std::numeric_limits<std::int32_t>::max();
}

std::vector<Expr> conditions_and_extents(const Space& space) {
    std::vector<Expr> exprs;
    for (const Constraint& constraint : space.model.constraints()) {
        exprs.push_back(constraint.condition);
    }
    const LaunchGeometry& launch = space.launch;
    exprs.insert(exprs.end(), {launch.grid_x, launch.grid_y, launch.grid_z, launch.threads, launch.cluster,
                               launch.smem_bytes, launch.cooperative});
    return exprs;
}

}  // namespace

SpaceFormulas::SpaceFormulas(const Space& space, const Family& family)
    : variables_(space.model.variables()),
      constraints_(space.model.constraints().size()),
      sizes_(family.dimensions.size()),
      plan_(conditions_and_extents(space), variables_.size(), runtime_positions(family)) {}

FittedConfig::FittedConfig(const Config& config, const SpaceFormulas& space) {
    const std::optional<std::vector<std::int64_t>> values = values_of(config, space.variables_);
    if (!values) {
        return;
    }
    possible_ = true;
    formulas_ = Formulas(space.sizes_);
    ConfiguredPlan plan(space.plan_, *values);
    set_constraints(plan, space.constraints_);
    set_extents(plan, space.constraints_);
}

void FittedConfig::set_constraints(ConfiguredPlan& plan, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (plan.open(i)) {
            plan.add_to(formulas_, i);
            ++constraints_;
        } else {
            possible_ = possible_ && plan.value(i).value_or(0) != 0;
        }
    }
}

void FittedConfig::set_extents(ConfiguredPlan& plan, std::size_t first) {
    for (std::size_t i = 0; i < kExtents; ++i) {
        if (plan.open(first + i)) {
            plan.add_to(formulas_, first + i);
            open_extents_.push_back(static_cast<std::uint8_t>(i));
        } else {
            const std::optional<std::int64_t> value = plan.value(first + i);
            possible_ = possible_ && value && possible(i, *value);
            extents_[i] = value.value_or(0);
        }
    }
}

std::optional<LaunchShape> FittedConfig::launch(std::span<const std::int64_t> sizes) const {
    std::array<std::int64_t, kExtents> extents = extents_;
    const bool fits = possible_ && formulas_.each(sizes, [&](std::size_t i, std::int64_t value) {
        if (i < constraints_) {
            return value != 0;
        }
        const std::size_t place = open_extents_[i - constraints_];
        extents[place] = value;
        return possible(place, value);
    });
    if (!fits) {
        return std::nullopt;
    }
    const auto extent = [&](std::size_t place) { return static_cast<unsigned>(extents[place]); };
    return LaunchShape{.grid = {extent(0), extent(1), extent(2)},
                       .block = {extent(3), 1, 1},
                       .cluster = extent(4),
                       .smem_bytes = extent(5),
                       .cooperative = extents[6] != 0};
}

}  // namespace warpsmith
