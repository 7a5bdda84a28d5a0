#include "tuner/verification_case.hpp"

#include <algorithm>
#include <limits>

#include "solver/search.hpp"

namespace warpsmith {
namespace {

// Multiply-adds; a reference in plain loops does some 4e8 of them a second, and is computed twice.
constexpr double kAffordableArithmetic = 1e9;

// Of all tensors together: every candidate's are written, read back and compared, some 1e8 of them a second.
constexpr std::int64_t kAffordableElements = 10'000'000;

double arithmetic_of(const Space& space, const Solution& solution) {
    const LaunchGeometry& launch = space.launch;
    double product = static_cast<double>(evaluate(space.work.tensor_macs + space.work.fma, solution));
    for (const Expr& factor : {space.work.steps, launch.grid_x, launch.grid_y, launch.grid_z}) {
        product *= static_cast<double>(evaluate(factor, solution));
    }
    return product;
}

}  // namespace

VerificationCase make_verification_case(const Family& family, const Workload& workload, const Target& target,
                                        std::uint64_t seed) {
    VerificationCase made{.problem = make_problem(family, workload, seed), .space = family.space(workload, target)};
    for (const Solution& solution : solve(made.space.model)) {
        made.solutions.emplace(to_config(solution, made.space).key(), solution);
    }
    return made;
}

Sizes affordable_sizes(const TuneRun& run) {
    double least = std::numeric_limits<double>::infinity();  // the others pad more
    for (const Candidate& candidate : run.candidates) {
        least = std::min(least, arithmetic_of(run.space, candidate.solution));
    }
    std::int64_t elements = 0;
    for (const TensorSpec& spec : run.family.tensors(run.workload)) {
        elements += spec.elements();
    }
    return least <= kAffordableArithmetic && elements <= kAffordableElements ? Sizes::full : Sizes::reduced;
}

VerificationCases::VerificationCases(const TuneRun& run, Sizes sizes) : run_(run) {
    if (sizes == Sizes::full) {
        full_ = made(run.workload);
    } else {
        reduced_ = made(run.family.reduced(run.workload));
    }
}

bool VerificationCases::is_reduced(const Candidate& candidate) const {
    return reduced_ && reduced_->solutions.contains(candidate.config.key());
}

void VerificationCases::prepare(const Candidate& candidate) {
    if (!full_ && !is_reduced(candidate)) {
        full_ = made(run_.workload);
    }
}

const VerificationCase& VerificationCases::case_of(const Candidate& candidate) const {
    return is_reduced(candidate) ? *reduced_ : full_.value();
}

VerificationCase VerificationCases::made(const Workload& workload) const {
    return make_verification_case(run_.family, workload, run_.target, run_.options.seed);
}

}  // namespace warpsmith
