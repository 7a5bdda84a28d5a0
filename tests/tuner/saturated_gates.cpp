// Slopes of gates that are nearly one, on the emulator: in f32 what is left of 1 - f has few digits, its slope has not.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "solver/search.hpp"
#include "tests/contract/cases.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {
namespace {

TEST(SaturatedGates, HaveExactSlopesInF32) {
    const Workload workload = parse_workload("lstm T=1 B=8 N=1 D=16 dtype=f32 pass=backward", families());
    const Family& family = find_family("lstm");
    const Target target = find_target("h200");
    Tensors inputs = family.inputs(workload, 1);
    for (Tensor& tensor : inputs) {
        const std::string& name = tensor.spec.name;
        if (name == "p") {  // i, f, g, o of D units
            for (std::size_t i = 0; i < tensor.values.size(); ++i) {
                tensor.values[i] = i / 16 % 4 == 1 ? 6 + static_cast<double>(i % 16) / 2 : -1;
            }
        } else {
            std::ranges::fill(tensor.values, name == "dcT" || name == "c0" ? 1 : 0);
        }
    }
    const Space space = family.space(workload, target);
    const Solution solution = first(space.model).value();
    const Compiled compiled = compile_for_emulator(family, workload, to_config(solution, space), target);
    const std::unique_ptr<Device> device = make_emulator({.checks = Checks::all});
    const Problem problem = make_problem(family, workload, inputs);
    const Verification result = verify(*device, family, problem, space, solution, compiled);
    ASSERT_TRUE(result.ok()) << result.summary();
    const std::vector<double>&dx = find(result.computed, "dx").values, &exact = find(problem.expected, "dx").values;
    for (std::size_t unit = 0; unit < 16; ++unit) {
        const std::size_t forget = 16 + unit;
        EXPECT_GT(exact[forget], 0);
        EXPECT_NEAR(dx[forget] / exact[forget], 1, 2e-6) << "slope " << exact[forget];
    }
}

}  // namespace
}  // namespace warpsmith
