#include "tools/recorded.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <span>

#include "cache/fitted_config.hpp"
#include "cache/own_cell.hpp"
#include "cache/own_kernel/own_answers.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"

namespace warpsmith {

std::optional<Choice> recorded_best(const std::string& database, const Workload& workload, const Target& target) {
    if (!is_file(database)) {
        return std::nullopt;
    }
    const Family& family = find_family(workload.family);
    const SpaceFormulas space(family.space(workload, target), family);
    std::vector<std::int64_t> sizes;
    for (const Dimension& dimension : family.dimensions) {
        sizes.push_back(workload.dim(dimension.name));
    }
    const auto fits = [&](const Trial& trial) {
        return FittedConfig(parse_config(trial.config), space).launch(sizes).has_value();
    };
    return TuningDb(database, TuningDb::Mode::read_only).best(workload, target.name, families(), fits);
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
