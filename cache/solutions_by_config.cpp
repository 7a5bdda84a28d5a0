#include "cache/solutions_by_config.hpp"

#include "solver/search.hpp"

namespace warpsmith {

std::map<std::string, Solution> solutions_by_config(const Space& space) {
    std::map<std::string, Solution> solutions;
    for (const Solution& solution : solve(space.model)) {
        solutions.emplace(to_config(solution, space).key(), solution);
    }
    return solutions;
}

}  // namespace warpsmith
