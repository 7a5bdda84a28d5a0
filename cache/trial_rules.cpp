#include "cache/trial_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

std::string broken_by_time(const Trial& trial) {
    const std::array times = {std::pair{"modelled_us", trial.modelled_us}, std::pair{"median_us", trial.median_us},
                              std::pair{"batch_us", trial.batch_us}};
    for (const auto& [name, time] : times) {
        if (!std::isfinite(time) || time < 0) {
            return fmt::format("its {} is {}", name, time);
        }
    }
    for (const std::vector<double>* samples : {&trial.samples_us, &trial.batch_samples_us}) {
        if (std::ranges::any_of(*samples, [](double time) { return !std::isfinite(time) || time < 0; })) {
            return "one of its samples is negative or infinite";
        }
    }
    if (trial.kind == TimeKind::none && trial.median_us != 0) {
        return fmt::format("its median_us is {}, and its time_kind none", trial.median_us);
    }
    return {};
}

std::string broken_by_count(const Resources& used) {
    const std::array counts = {
        std::pair{"registers", used.registers}, std::pair{"spill_store_bytes", used.spill_store_bytes},
        std::pair{"spill_load_bytes", used.spill_load_bytes}, std::pair{"stack_bytes", used.stack_bytes},
        std::pair{"static_smem_bytes", used.static_smem_bytes}};
    const auto* negative = std::ranges::find_if(counts, [](const auto& count) { return count.second < 0; });
    return negative == counts.end() ? "" : fmt::format("its {} is {}", negative->first, negative->second);
}

std::string broken_by_config(const std::string& text) {
    try {
        std::set<std::string> names;
        for (const auto& [name, value] : parse_config(text).fields) {
            if (!names.insert(name).second) {
                return fmt::format("its config has {} twice", name);
            }
        }
    } catch (const Error& error) {
        return fmt::format("its config is not name=integer words ({})", error.what());
    }
    return {};
}

std::string broken_by_workload(const Workload& workload) {
    if (workload.family.empty()) {
        return "its workload has no family";
    }
    const auto negative = std::ranges::find_if(workload.dims, [](const auto& dim) { return dim.second < 0; });
    return negative == workload.dims.end() ? "" : fmt::format("its dimension {} is negative", negative->first);
}

// "2026-01-31T12:00:00Z"
bool is_time_of_day(std::string_view text) {
    constexpr std::string_view kShape = "0000-00-00T00:00:00Z";
    return std::ranges::equal(text, kShape, [](char given, char shape) {
        return shape == '0' ? given >= '0' && given <= '9' : given == shape;
    });
}

std::string broken_by_verdict(const Trial& trial) {
    constexpr std::array<std::string_view, 3> kPlaces = {"", "gpu", "emulator"};
    if (std::ranges::find(kPlaces, trial.verified_on) == kPlaces.end()) {
        return fmt::format("its verified_on is \"{}\"", trial.verified_on);
    }
    if (trial.outcome == Outcome::ok && trial.verified_on.empty()) {
        return "its outcome is ok, and nothing verified it";
    }
    // NaN compares false.
    if (!(trial.max_error >= 0) || !(trial.tolerance >= 0)) {
        return fmt::format("its max_error is {}, its tolerance {}", trial.max_error, trial.tolerance);
    }
    return is_time_of_day(trial.recorded_at) ? "" : fmt::format("its recorded_at is \"{}\"", trial.recorded_at);
}

}  // namespace

std::string broken_rule(const Trial& trial) {
    for (std::string broken : {broken_by_workload(trial.workload), broken_by_config(trial.config),
                               broken_by_count(trial.resources), broken_by_time(trial), broken_by_verdict(trial)}) {
        if (!broken.empty()) {
            return broken;
        }
    }
    return {};
}

}  // namespace warpsmith
