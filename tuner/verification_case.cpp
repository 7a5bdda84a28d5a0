#include "tuner/verification_case.hpp"

#include <algorithm>
#include <limits>

#include "cache/solutions_by_config.hpp"

namespace warpsmith {
namespace {

// Multiply-adds; a reference in plain loops does some 4e8 of them a second, and is computed twice.
constexpr double kAffordableArithmetic = 1e9;

// Of all tensors together: every candidate's are written, read back and compared, some 1e8 of them a second.
constexpr std::int64_t kAffordableElements = 10'000'000;

double arithmetic_of(const Space& space, const Solution& solution) {
    const LaunchGeometry& launch = space.launch;
    double product =
        static_cast<double>(evaluate(space.work.tensor_macs + space.work.warpgroup_macs + space.work.fma, solution));
    for (const Expr& factor : {space.work.steps, launch.grid_x, launch.grid_y, launch.grid_z}) {
        product *= static_cast<double>(evaluate(factor, solution));
    }
    return product;
}

}  // namespace

VerificationCase make_verification_case(const Family& family, const Workload& workload, const Target& target,
                                        std::uint64_t seed) {
    VerificationCase made{.problem = make_problem(family, workload, seed), .space = family.space(workload, target)};
    made.solutions = solutions_by_config(made.space);
    return made;
}

Sizes affordable_sizes(const Family& family, const Workload& workload, const Space& space,
                       std::span<const Solution* const> solutions) {
    double least = std::numeric_limits<double>::infinity();  // the others pad more
    for (const Solution* solution : solutions) {
        least = std::min(least, arithmetic_of(space, *solution));
    }
    std::int64_t elements = 0;
    for (const TensorSpec& spec : family.tensors(workload)) {
        elements += spec.elements();
    }
    return least <= kAffordableArithmetic && elements <= kAffordableElements ? Sizes::full : Sizes::reduced;
}

const VerificationCase& VerificationCases::case_of(const Config& config, Sizes sizes) {
    const std::lock_guard lock(mutex_);
    if (sizes == Sizes::reduced) {
        const VerificationCase& reduced = made_once(reduced_, family_.reduced(workload_));
        if (reduced.solutions.contains(config.key())) {
            return reduced;
        }
    }
    return made_once(full_, workload_);
}

const VerificationCase& VerificationCases::made_once(std::optional<VerificationCase>& made,
                                                     const Workload& workload) const {
    if (!made) {
        made = make_verification_case(family_, workload, target_, seed_);
    }
    return *made;
}

}  // namespace warpsmith
