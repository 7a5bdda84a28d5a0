#include "solver/z3_engine.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

void expect_z3_agrees(RandomKind kind, std::uint32_t models) {
    for (std::uint32_t seed = 0; seed < models; ++seed) {
        RandomModel random(seed, kind, 3);
        Exhausted expected = exhaust(random.model());
        std::vector<std::vector<std::uint32_t>> found;
        bool fails = false;
        try {
            for (const Solution& solution : solve_with_z3(random.model())) {
                found.push_back(solution.choices());
            }
        } catch (const Error& error) {
            fails = true;
            ASSERT_EQ(std::string(error.what()).find("gives up"), std::string::npos) << error.what();
        }
        ASSERT_EQ(fails, expected.fails) << "seed " << seed << "\n" << description(random.model());
        ASSERT_TRUE(fails || found == expected.solutions) << "seed " << seed << "\n" << description(random.model());
    }
}

TEST(Z3Engine, FindsTheSolutionsThatExhaustiveEnumerationFindsForPositiveIntegers) {
    expect_z3_agrees({.zero_and_negative = false, .real_division = false}, 150);
}

TEST(Z3Engine, FindsTheSolutionsThatExhaustiveEnumerationFindsForAnyIntegers) {
    expect_z3_agrees({.real_division = false}, 150);
}

}  // namespace
}  // namespace warpsmith
