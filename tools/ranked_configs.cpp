#include "tools/ranked_configs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "solver/error.hpp"
#include "solver/explain.hpp"
#include "solver/search.hpp"

namespace warpsmith {
namespace {

std::string conflicts_text(const Explanation& explanation) {
    std::string text;
    for (const Conflict& conflict : explanation.conflicts) {
        text += (text.empty() ? "" : "; ") + (conflict.reason.empty() ? conflict.condition : conflict.reason);
        text += conflict.detail.empty() ? "" : " (" + conflict.detail + ")";
    }
    return text;
}

// In whatever order the user wrote them.
bool same_values(Config a, Config b) {
    std::ranges::sort(a.fields);
    std::ranges::sort(b.fields);
    return a == b;
}

RankedConfig candidate(const Solution& solution, const Space& space, const Target& target) {
    return {.config = to_config(solution, space),
            .solution = solution,
            .modelled = modelled_time(space, solution, Resources{}, target)};
}

bool before(const RankedConfig& a, const RankedConfig& b) {
    return std::tuple(a.modelled.microseconds, a.config.key()) < std::tuple(b.modelled.microseconds, b.config.key());
}

}  // namespace

std::vector<RankedConfig> ranked_configs(const Space& space, const Target& target) {
    std::vector<RankedConfig> candidates;
    for (const Solution& solution : solve(space.model)) {
        candidates.push_back(candidate(solution, space, target));
    }
    std::ranges::sort(candidates, before);
    return candidates;
}

RankedConfig ranked_config_of(const Config& config, const Space& space, const Target& target) {
    for (const Solution& solution : solve(space.model)) {
        if (same_values(to_config(solution, space), config)) {
            return candidate(solution, space, target);
        }
    }
    throw Error(fmt::format("looking for configuration \"{}\": it is not in the space: {}", config.key(),
                            conflicts_text(explain(space.model, config.fields))));
}

std::string nothing_fits(const Workload& workload, const Target& target, const Model& model) {
    return fmt::format("solving \"{}\" for {}: no configuration fits: {}", workload.key(), target.name,
                       conflicts_text(explain(model)));
}

}  // namespace warpsmith
