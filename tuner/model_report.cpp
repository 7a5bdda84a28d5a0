#include "tuner/model_report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>

#include "solver/search.hpp"
#include "tuner/model.hpp"

namespace warpsmith {
namespace {

// Positions from 1 in ascending order; equal values have the mean of theirs.
std::vector<double> ranks(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t last = first;
        while (last < order.size() && values[order[last]] == values[order[first]]) {
            ++last;
        }
        for (std::size_t i = first; i < last; ++i) {
            ranks[order[i]] = static_cast<double>(first + 1 + last) / 2;
        }
        first = last;
    }
    return ranks;
}

// Of one workload, target and device.
struct Group {
    const Family* family;
    const Target* target;
    std::vector<const Trial*> trials;
};
using GroupKey = std::tuple<std::string, std::string, std::string, std::string>;

template <class T>
const T* named(std::span<const T> all, const std::string& name) {
    const auto found = std::ranges::find(all, name, &T::name);
    return found == all.end() ? nullptr : &*found;
}

// What is compared of one trial.
struct Pair {
    double modelled_us = 0;
    const Trial* trial = nullptr;
};

std::vector<Pair> pairs_of(const Group& group) {
    const Space space = group.family->space(group.trials.front()->workload, *group.target);
    std::map<std::string, const Trial*> wanted;
    for (const Trial* trial : group.trials) {
        wanted[trial->config] = trial;
    }
    std::vector<Pair> pairs;
    for (const Solution& solution : solve(space.model)) {
        const auto found = wanted.find(to_config(solution, space).key());
        if (found != wanted.end()) {
            const ModelledTime time = modelled_time(space, solution, found->second->resources, *group.target);
            pairs.push_back({time.microseconds, found->second});
        }
    }
    std::ranges::stable_sort(pairs, {}, &Pair::modelled_us);
    return pairs;
}

ModelFit fit_of(const Group& group) {
    const Trial& any = *group.trials.front();
    const std::vector<Pair> pairs = pairs_of(group);
    ModelFit fit{.workload = any.workload,
                 .target = any.provenance.target,
                 .device = any.provenance.device,
                 .trials = pairs.size(),
                 .left_out = group.trials.size() - pairs.size()};
    if (pairs.empty()) {
        return fit;
    }
    std::vector<double> modelled, measured;
    for (const Pair& pair : pairs) {
        modelled.push_back(pair.modelled_us);
        measured.push_back(pair.trial->median_us);
    }
    const std::size_t fastest = static_cast<std::size_t>(std::ranges::min_element(measured) - measured.begin());
    const std::span first = std::span(measured).first(std::min(measured.size(), ModelFit::kFirst));
    fit.rank_correlation = rank_correlation(modelled, measured);
    fit.pick = pairs.front().trial->config;
    fit.fastest = pairs[fastest].trial->config;
    fit.pick_us = measured.front();
    fit.fastest_us = measured[fastest];
    fit.best_of_first_us = *std::ranges::min_element(first);
    return fit;
}

}  // namespace

double rank_correlation(std::span<const double> one, std::span<const double> other) {
    const std::vector<double> a = ranks(one), b = ranks(other);
    const double mean = static_cast<double>(a.size() + 1) / 2;
    double both = 0, of_a = 0, of_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        both += (a[i] - mean) * (b[i] - mean);
        of_a += (a[i] - mean) * (a[i] - mean);
        of_b += (b[i] - mean) * (b[i] - mean);
    }
    return of_a > 0 && of_b > 0 ? both / std::sqrt(of_a * of_b) : std::numeric_limits<double>::quiet_NaN();
}

ModelReport model_report(std::span<const Trial> newest_first, std::span<const Family> families,
                         std::span<const Target> targets) {
    ModelReport report;
    std::map<GroupKey, Group> groups;
    std::set<std::pair<GroupKey, std::string>> seen;
    for (const Trial& trial : newest_first) {
        const GroupKey key{trial.workload.family, trial.workload.key(), trial.provenance.target,
                           trial.provenance.device};
        if (!seen.emplace(key, trial.config).second || trial.outcome != Outcome::ok ||
            trial.kind != TimeKind::measured) {
            continue;
        }
        const Family* const family = named(families, trial.workload.family);
        const Target* const target = named(targets, trial.provenance.target);
        if (family == nullptr || target == nullptr) {
            ++report.unknown;
            continue;
        }
        groups.try_emplace(key, Group{family, target, {}}).first->second.trials.push_back(&trial);
    }
    for (const auto& [key, group] : groups) {
        report.fits.push_back(fit_of(group));
    }
    return report;
}

}  // namespace warpsmith
