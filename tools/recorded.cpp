#include "tools/recorded.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "cache/fitted_config.hpp"
#include "cache/own_cell.hpp"
#include "cache/own_kernel/own_answers.hpp"
#include "solver/error.hpp"
#include "templates/occupancy.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tuner/model.hpp"

namespace warpsmith {
namespace {

// How a trial's configuration is launched at the sizes of a workload; nothing where it does not fit.
using LaunchOf = std::function<std::optional<LaunchShape>(const Trial&)>;

LaunchOf launches_of(const Workload& workload, const Target& target) {
    const Family& family = find_family(workload.family);
    std::vector<std::int64_t> sizes;
    for (const Dimension& dimension : family.dimensions) {
        sizes.push_back(workload.dim(dimension.name));
    }
    return [space = SpaceFormulas(family.space(workload, target), family), sizes](const Trial& trial) {
        return FittedConfig(parse_config(trial.config), space).launch(sizes);
    };
}

// Each of its blocks on an SM of its own.
std::int64_t launches_together(const LaunchShape& launch, const Target& target) {
    const std::int64_t blocks = static_cast<std::int64_t>(launch.grid[0]) * launch.grid[1] * launch.grid[2];
    const std::int64_t sms = resident_clusters(target, launch.cluster, 1) * launch.cluster;
    return std::max<std::int64_t>(sms / blocks, 1);
}

}  // namespace

std::optional<Choice> recorded_best(const std::string& database, const Workload& workload, const Target& target) {
    if (!is_file(database)) {
        return std::nullopt;
    }
    const LaunchOf launch_of = launches_of(workload, target);
    const auto fits = [&](const Trial& trial) { return launch_of(trial).has_value(); };
    return TuningDb(database, TuningDb::Mode::read_only).best(workload, target.name, families(), fits);
}

// The fastest of those that leave room for so many side by side, for every number that a stack can use.
std::optional<StackChoice> recorded_stack(const std::string& database, const Workload& workload, const Target& target,
                                          std::uint64_t layers) {
    constexpr std::uint64_t kMostLayers = 1024;
    if (layers > kMostLayers) {
        throw Error(fmt::format("stacking {} layers: {} are the most; ask for fewer", layers, kMostLayers));
    }
    if (find_family(workload.family).gates.empty()) {
        throw Error(fmt::format("stacking layers of {}: it is no recurrent cell; leave out --layers", workload.family));
    }
    std::optional<StackChoice> best;
    if (!is_file(database)) {
        return best;
    }
    const TuningDb recorded(database, TuningDb::Mode::read_only);
    const LaunchOf launch_of = launches_of(workload, target);
    const auto count = static_cast<std::int64_t>(layers);
    for (std::int64_t together = 1; together <= count; ++together) {
        const auto leaves_room = [&](const Trial& trial) {
            const std::optional<LaunchShape> launch = launch_of(trial);
            return launch && launches_together(*launch, target) >= together;
        };
        std::optional<Choice> choice = recorded.best(workload, target.name, families(), leaves_room);
        if (!choice || choice->basis != Basis::exact || (best && choice->trial.kind != best->choice.trial.kind)) {
            break;  // a modelled time is not compared with a measured one
        }
        const LayerStack stack{count, workload.dim("T"), choice->trial.median_us, kLaunchMicroseconds, together};
        const std::int64_t chunk_steps = best_chunk_steps(stack);
        if (!best || stack_us(stack, chunk_steps) < stack_us(best->stack, best->chunk_steps)) {
            best = {std::move(*choice), stack, chunk_steps};
        }
    }
    return best;
}

std::optional<Choice> recorded_best(const std::string& database, const OwnKernel& kernel, const Target& target) {
    if (!is_file(database)) {
        return std::nullopt;
    }
    const Family family = family_of(kernel);
    return TuningDb(database, TuningDb::Mode::read_only)
        .best(workload_of(kernel), target.name, std::span(&family, 1), trials_of(kernel, target));
}

std::string not_tuned(const std::string& workload, const Target& target, const std::string& database) {
    return fmt::format(
        "{} has no verified configuration of \"{}\" on {}; run: warpsmith tune \"{}\" --target {} --db {}",
        is_file(database) ? database : database + " is not there, so it", workload, target.name, command_text(workload),
        target.name, database);
}

std::string time_text(const Trial& trial) {
    switch (trial.kind) {
        case TimeKind::measured:
            return fmt::format("{:.2f} us, measured on {}", trial.median_us, trial.provenance.device);
        case TimeKind::modelled:
            return fmt::format("{:.2f} us, modelled and not measured", trial.median_us);
        case TimeKind::none:
            break;
    }
    return "unknown";
}

std::string error_text(const Trial& trial) {
    if (trial.verified_on.empty()) {
        return "not verified";
    }
    return fmt::format("error {:.2e} of {:.2e} allowed, on the {}", trial.max_error, trial.tolerance,
                       trial.verified_on);
}

int nothing_found(const std::string& message) {
    fmt::print(stderr, "warpsmith: {}\n", message);
    return kNothingFound;
}

}  // namespace warpsmith
