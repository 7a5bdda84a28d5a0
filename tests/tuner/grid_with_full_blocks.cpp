// Grids whose blocks have shared memory for one copy of their sums alone, on the emulator.
#include <gtest/gtest.h>

#include "solver/search.hpp"
#include "tests/contract/cases.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {
namespace {

struct Candidate {
    std::string workload, config;
};

void PrintTo(const Candidate& candidate, std::ostream* stream) {
    *stream << candidate.workload;
}

class GridWithFullBlocks : public testing::TestWithParam<Candidate> {};

TEST_P(GridWithFullBlocks, MatchesTheReferenceWithoutARace) {
    const Workload workload = parse_workload(GetParam().workload, families());
    const Family& family = find_family(workload.family);
    const Target target = find_target("h200");
    const Space space = family.space(workload, target);
    const Config config = parse_config(GetParam().config);
    const std::vector<Solution> all = solve(space.model);
    const auto solution =
        std::ranges::find_if(all, [&](const Solution& one) { return to_config(one, space) == config; });
    ASSERT_NE(solution, all.end());
    const Compiled compiled = compile_for_emulator(family, workload, config, target);
    const Problem problem = make_problem(family, workload, family.inputs(workload, 1));
    const std::unique_ptr<Device> device = make_emulator({.checks = Checks::all, .seed = 1});
    const Verification result = verify(*device, family, problem, space, *solution, compiled);
    EXPECT_TRUE(result.ok()) << result.summary();
}

// With two copies their sums and weights would have more than 96 KiB.
INSTANTIATE_TEST_SUITE_P(Passes, GridWithFullBlocks,
                         testing::Values(Candidate{"lstm T=2 B=2 N=1 D=392 dtype=f32 precision=tf32 pass=training",
                                                   "warps=4 batch=8 blocks=17 k_split=4 bulk=0 register_k=0 "
                                                   "prefetch=1 chains=1 streamed_k=0 in_turn=0"},
                                         Candidate{"lstm T=2 B=2 N=1 D=392 dtype=f32 precision=tf32 pass=backward",
                                                   "warps=4 batch=8 blocks=17 k_split=4 bulk=0 register_k=6 "
                                                   "prefetch=1 chains=1 streamed_k=0 in_turn=0"}));

}  // namespace
}  // namespace warpsmith
