// How well the model of time ranks what was measured.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cache/trial.hpp"
#include "templates/family.hpp"

namespace warpsmith {

// Spearman's coefficient: of the ranks, equal values sharing theirs. 1 when both are in the same order, -1 when in the
// opposite one; NaN when either has no order. As many values in one as in the other.
double rank_correlation(std::span<const double> one, std::span<const double> other);

// The measured trials of one workload on one target and device, as the present model has them.
struct ModelFit {
    Workload workload;
    std::string target, device;
    std::size_t trials = 0;       // measured, of configurations in the space
    std::size_t left_out = 0;     // measured, of configurations that the space does not have any more
    double rank_correlation = 0;  // of modelled and measured times
    std::string pick, fastest;    // configurations: the first by the model, and by measurement
    double pick_us = 0, fastest_us = 0;
    double best_of_first_us = 0;  // measured, of the model's first kFirst
    static constexpr std::size_t kFirst = 8;

    double loss() const { return pick_us / fastest_us; }
    double loss_of_first() const { return best_of_first_us / fastest_us; }
};

struct ModelReport {
    std::vector<ModelFit> fits;  // by family, workload, target and device; those without a trial in the space too
    std::size_t unknown = 0;     // measured trials of families or targets that are not among those given
};

// Of trials that are ok and measured, the first of each workload, target, device and configuration counts: the newest,
// as TuningDb::list() has them. Times are modelled with the resources that the trial recorded.
ModelReport model_report(std::span<const Trial> newest_first, std::span<const Family> families,
                         std::span<const Target> targets);

}  // namespace warpsmith
