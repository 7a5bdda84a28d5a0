#include "tools/own_kernel_argument.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "solver/error.hpp"
#include "solver/search.hpp"
#include "tools/arguments.hpp"
#include "tools/ranked_configs.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kMostAttempts = 16;  // for a reference: where so many fail, they have one reason

// The defaults first, where they are in the space.
std::vector<Config> in_order(const OwnKernel& kernel) {
    std::vector<Config> configs;
    for (const Solution& solution : solve(kernel.space.model)) {
        Config config = to_config(solution, kernel.space);
        const bool is_default = kernel.defaults && *kernel.defaults == config;
        configs.insert(is_default ? configs.begin() : configs.end(), std::move(config));
    }
    return configs;
}

}  // namespace

bool names_own_kernel(const std::string& workload) {
    return workload.ends_with(".json") || is_file(workload);
}

std::shared_ptr<const OwnKernel> own_kernel_for(const std::string& t1_file, const Target& target) {
    auto kernel = std::make_shared<OwnKernel>(read_own_kernel(t1_file));
    add_launch_limits(*kernel, target);
    return kernel;
}

std::string numbered_values(const OwnKernel& kernel, const Config& config) {
    std::string text;
    for (const auto& [name, value] : config.fields) {
        text += kernel.numbered.contains(name) ? fmt::format(" {}={}", name, value_text(kernel, name, value)) : "";
    }
    return text;
}

std::string numbered_legend(const OwnKernel& kernel) {
    std::string text;
    for (const auto& [name, values] : kernel.numbered) {
        text += name + ":";
        for (std::size_t i = 0; i < values.size(); ++i) {
            text += fmt::format("{} {} is {}", i == 0 ? "" : ",", i,
                                value_text(kernel, name, static_cast<std::int64_t>(i)));
        }
        text += "\n";
    }
    return text;
}

std::string find_reference(const OwnKernel& kernel, TuningBench bench, const std::atomic<bool>& interrupted) {
    if (!kernel.needs_reference() || bench.place == Place::none) {
        return {};
    }
    bench.own.looks_for_reference = true;
    const std::unique_ptr<Bench> found_by = make_tuning_bench(bench, interrupted);
    std::string why;
    std::size_t attempts = 0;
    for (const Config& config : in_order(kernel)) {
        if (++attempts > kMostAttempts) {
            break;
        }
        const std::optional<JobResult> result = found_by->run({.config = config});
        if (!result) {
            return {};
        }
        if (result->outcome == Outcome::ok) {
            fmt::print(stderr, "right is what \"{}\" computes, where the T1 file does not say it\n", config.key());
            return config.key();
        }
        if (why.empty()) {
            why = fmt::format("\"{}\": {}", config.key(), result->note);
        }
    }
    throw Error(
        fmt::format("tuning {}: none of the first {} configurations runs, so there is nothing to compare with; {}",
                    kernel.t1_file, std::min(attempts, kMostAttempts), why));
}

}  // namespace warpsmith
