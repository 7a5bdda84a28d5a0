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
      plan_(conditions_and_extents(space), runtime_positions(family)) {}

FittedConfig::FittedConfig(const Config& config, const SpaceFormulas& space) {
    const std::optional<std::vector<std::int64_t>> values = values_of(config, space.variables_);
    if (!values) {
        return;
    }
    possible_ = true;
    std::vector<Formula> formulas = space.plan_.formulas(*values);
    for (std::size_t i = 0; i < formulas.size(); ++i) {
        Formula& formula = formulas[i];
        const bool is_constraint = i < space.constraints_;
        const std::size_t place = i - space.constraints_;  // of an extent
        if (!formula.constant()) {
            if (is_constraint) {
                constraints_.push_back(std::move(formula));
            } else {
                open_extents_.push_back({place, std::move(formula)});
            }
        } else if (is_constraint) {
            possible_ = possible_ && *formula.value({}) != 0;
        } else {
            extents_[place] = *formula.value({});
            possible_ = possible_ && possible(place, extents_[place]);
        }
    }
}

bool FittedConfig::fits(std::span<const std::int64_t> sizes) const {
    if (!possible_) {
        return false;
    }
    for (const Formula& constraint : constraints_) {
        if (constraint.value(sizes).value_or(0) == 0) {
            return false;
        }
    }
    return std::all_of(open_extents_.begin(), open_extents_.end(), [&](const Extent& extent) {
        const std::optional<std::int64_t> value = extent.formula.value(sizes);
        return value && possible(extent.place, *value);
    });
}

LaunchShape FittedConfig::launch_shape(std::span<const std::int64_t> sizes) const {
    std::array<unsigned, kSmallest.size()> extents{};
    for (std::size_t i = 0; i < extents.size(); ++i) {
        extents[i] = static_cast<unsigned>(extents_[i]);
    }
    for (const Extent& extent : open_extents_) {
        extents[extent.place] = static_cast<unsigned>(*extent.formula.value(sizes));
    }
    return {.grid = {extents[0], extents[1], extents[2]},
            .block = {extents[3], 1, 1},
            .cluster = extents[4],
            .smem_bytes = extents[5],
            .cooperative = extents[6] != 0};
}

}  // namespace warpsmith
