#include "tuner/verification_case.hpp"

#include "solver/search.hpp"

namespace warpsmith {

VerificationCase make_verification_case(const Family& family, const Workload& workload, const Target& target,
                                        std::uint64_t seed) {
    VerificationCase made{.problem = make_problem(family, workload, seed), .space = family.space(workload, target)};
    for (const Solution& solution : solve(made.space.model)) {
        made.solutions.emplace(to_config(solution, made.space).key(), solution);
    }
    return made;
}

}  // namespace warpsmith
