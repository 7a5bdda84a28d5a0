#include "solver/z3_engine.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "solver/conflict.hpp"
#include "solver/error.hpp"
#include "solver/search.hpp"
#include "solver/space_file.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

void expect_z3_agrees(RandomKind kind, std::uint32_t models) {
    for (std::uint32_t seed = 0; seed < tried_of(models); ++seed) {
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

// Whether nothing fits, by each of the three; an assignment for which a constraint has no value counts as one that
// fits.
TEST(Z3Engine, FindsTheSameModelsEmptyAsTheSearchAndExhaustiveEnumeration) {
    constexpr unsigned kEffort = 10'000'000;
    std::size_t empty_models = 0;
    for (std::uint32_t seed = 0; seed < tried_of(150); ++seed) {
        RandomModel random(seed, {.real_division = false}, 3);
        const Model& model = random.model();
        const Exhausted tried = exhaust(model);
        const bool empty = tried.solutions.empty() && !tried.fails;
        empty_models += empty ? 1 : 0;
        ASSERT_EQ(has_no_solution(model), empty) << "seed " << seed << "\n" << description(model);
        const std::optional<std::vector<std::size_t>> core = z3_conflict(model, kEffort);
        ASSERT_EQ(core.has_value(), empty) << "seed " << seed << "\n" << description(model);
        if (core) {
            ASSERT_TRUE(has_no_solution(with_constraints(model, *core))) << "seed " << seed << "\n"
                                                                         << description(model);
        }
    }
    EXPECT_GE(empty_models, tried_of(15)) << "the random models are too seldom empty to tell anything";
    EXPECT_LT(empty_models, 135U) << "the random models are too often empty to tell anything";
}

// The message with which Z3 refuses a model of this constraint over a = 1, 2, b = 1, 2.
std::string refusal(const std::function<Expr(Expr, Expr)>& condition) {
    Model model;
    Expr a = model.variable("a", {1, 2}), b = model.variable("b", {1, 2});
    model.require(condition(a, b), "the condition");
    try {
        solve_with_z3(model);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(Z3Engine, SaysWhatItDoesNotTake) {
    EXPECT_EQ(refusal([](const Expr& a, const Expr&) { return a == Expr::constant("row"); }),
              "solving with Z3: the value 'row' is not supported; use the native engine");
    EXPECT_EQ(refusal([](const Expr& a, const Expr&) { return a < Expr::constant(1.5); }),
              "solving with Z3: the value 1.5 is not supported; use the native engine");
    EXPECT_EQ(refusal([](const Expr& a, const Expr& b) { return pow(a, b) == 4; }),
              "solving with Z3: a power whose exponent is not a constant from 0 to 64 is not supported; use the native "
              "engine");
    EXPECT_EQ(refusal([](const Expr& a, const Expr&) { return pow(a, 65) == 1; }),
              refusal([](const Expr& a, const Expr& b) { return pow(a, b) == 4; }));
}

struct KnownSpace {
    const char* file;
    std::size_t compared;  // solutions at most, the first ones: all of some would take Z3 minutes
};

TEST(Z3Engine, FindsTheFirstSolutionsOfKnownSpacesInTheOrderOfTheSearch) {
    constexpr KnownSpace kSpaces[] = {
        {"ktt_reduction", 300}, {"paper_dedispersion", 100}, {"paper_expdist", 20}, {"paper_gemm", 20},
        {"paper_hotspot", 20},  {"paper_microhh", 20},       {"kt_gemm_set0", 20},  {"paper_atf_prl_2x2", 10},
    };
    for (const KnownSpace& known : kSpaces) {
        const ModelFromText space =
            load_space(std::string(WARPSMITH_SOURCE_DIR "/tests/data/spaces/") + known.file + ".json");
        const std::vector<Solution> expected = solve(space.model, {.limit = known.compared});
        const std::vector<Solution> found = solve_with_z3(space.model, known.compared);
        ASSERT_EQ(found.size(), expected.size()) << known.file;
        for (std::size_t i = 0; i < found.size(); ++i) {
            ASSERT_EQ(found[i].choices(), expected[i].choices()) << known.file << " " << i;
        }
    }
}

}  // namespace
}  // namespace warpsmith
