// The configurations of a workload, most promising first.
#pragma once

#include <string>
#include <vector>

#include "templates/family.hpp"
#include "tuner/model.hpp"

namespace warpsmith {

struct RankedConfig {
    Config config;
    Solution solution;
    ModelledTime modelled;  // with the registers unknown: nothing is compiled yet
};

// All that fit, by modelled time, ties by text; empty when nothing fits.
std::vector<RankedConfig> ranked_configs(const Space& space, const Target& target);

// The one of that configuration. Throws Error with the constraints it breaks, in their own words.
RankedConfig ranked_config_of(const Config& config, const Space& space, const Target& target);

// One line: the limits that together leave no configuration.
std::string nothing_fits(const Workload& workload, const Target& target, const Model& model);

}  // namespace warpsmith
