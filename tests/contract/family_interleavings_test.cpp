// Kernels are right in whatever order their warps and blocks take turns.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "device/device.hpp"
#include "solver/search.hpp"
#include "tests/contract/cases.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {
namespace {

constexpr std::uint64_t kSeeds = 20;

// The configuration with the most threads, among them the one with the most shared memory: most is left to the order.
// Where blocks of some wait for each other, the one of those.
Solution busiest(const Space& space) {
    std::vector<Solution> all = solve(space.model);
    if (std::vector<Solution> waiting = cooperative_ones(all, space, true); !waiting.empty()) {
        all = std::move(waiting);
    }
    return *std::ranges::max_element(all, {}, [&](const Solution& solution) {
        return std::tuple(evaluate(space.launch.threads, solution), evaluate(space.launch.smem_bytes, solution));
    });
}

// NaN where nothing was written.
bool same(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

class FamilyInterleavings : public testing::TestWithParam<Case> {};

TEST_P(FamilyInterleavings, TwentyOrdersOfWarpsGiveTheSameBitsAndNothingIsFound) {
    const Workload& workload = GetParam().workload;
    const Family& family = find_family(GetParam().family);
    const Target target = find_target("h200");
    const Space space = family.space(workload, target);
    const Problem problem = make_problem(family, workload, 1);
    const Solution solution = busiest(space);
    const Compiled compiled = compile_for_emulator(family, workload, to_config(solution, space), target);
    ASSERT_TRUE(compiled.ok) << compiled.log;
    Tensors first;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const std::unique_ptr<Device> device = make_emulator({.checks = Checks::all, .seed = seed});
        const Verification result = verify(*device, family, problem, space, solution, compiled);
        ASSERT_TRUE(result.ok()) << to_config(solution, space).key() << ", seed " << seed << ": " << result.summary();
        first = seed == 0 ? result.computed : first;
        for (std::size_t i = 0; i < first.size(); ++i) {
            ASSERT_TRUE(std::ranges::equal(result.computed[i].values, first[i].values, same))
                << first[i].spec.name << ", seed " << seed;
        }
    }
}

// For time; the first one of each family is among them.
std::vector<Case> every_other_case() {
    std::vector<Case> cases = all_cases();
    std::erase_if(cases, [](const Case& c) { return c.number % 2 != 0; });
    return cases;
}

INSTANTIATE_TEST_SUITE_P(Families, FamilyInterleavings, testing::ValuesIn(every_other_case()), test_name);

}  // namespace
}  // namespace warpsmith
