#include <gtest/gtest.h>

#include "solver/error.hpp"
#include "solver/images.hpp"
#include "solver/search.hpp"
#include "tests/solver/random_range_model.hpp"

namespace warpsmith {
namespace {

std::optional<Rows> searched(const Model& model) {  // none when some constraint fails
    try {
        Rows rows;
        for (const Solution& solution : solve(model)) {
            std::vector<Value>& row = rows.emplace_back();
            for (std::size_t v = 0; v < solution.size(); ++v) {
                row.push_back(solution.at(v));
            }
        }
        return rows;
    } catch (const Error&) {
        return std::nullopt;
    }
}

void expect_twins_agree(RandomKind kind, std::uint32_t wanted) {
    const std::uint32_t models = tried_of(wanted);
    std::size_t with_solutions = 0;
    for (std::uint32_t seed = 0; seed < models; ++seed) {
        const RangeTwins twins = range_twins(seed, kind);
        const Exhausted expected = exhaust(twins.with_lists);
        const std::optional<Rows> found = searched(twins.with_ranges);
        ASSERT_EQ(found.has_value(), !expected.fails) << "seed " << seed << "\n" << description(twins.with_lists);
        if (found) {
            ASSERT_EQ(*found, rows_of(twins.with_lists, expected)) << "seed " << seed << "\n"
                                                                   << description(twins.with_lists);
            with_solutions += found->empty() ? 0 : 1;
        }
    }
    EXPECT_GT(with_solutions, models / 10) << "the random models are too hard to tell anything";
}

TEST(RandomRanges, OfPositiveIntegersHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_twins_agree({.zero_and_negative = false}, 3000);
}

TEST(RandomRanges, OfAnyIntegersHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_twins_agree({}, 3000);
}

TEST(RandomRanges, AmongRealsAndTextsHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_twins_agree({.reals = true, .texts = true}, 3000);
}

TEST(RandomRanges, AmongLargeIntegersHaveTheSolutionsThatExhaustiveEnumerationFinds) {
    expect_twins_agree({.large = true}, 3000);
}

TEST(RandomRanges, ThatAreHugeHaveTheSolutionsThatTheListedVariablesLead) {
    constexpr std::uint32_t kModels = tried_of(1000);
    std::size_t with_solutions = 0;
    for (std::uint32_t seed = 0; seed < kModels; ++seed) {
        const PinnedModel random(seed);
        const Rows expected = random.solutions();
        const std::optional<Rows> found = searched(random.model());
        ASSERT_TRUE(found.has_value()) << "seed " << seed << "\n" << description(random.model());
        ASSERT_EQ(*found, expected) << "seed " << seed << "\n" << description(random.model());
        with_solutions += expected.empty() ? 0 : 1;
    }
    EXPECT_GT(with_solutions, kModels / 10) << "the random models are too hard to tell anything";
}

// The model with the values of one variable that are not in `values`.
Model with_the_others(const Model& model, std::size_t variable, const std::vector<std::int64_t>& values) {
    Model result;
    for (std::size_t v = 0; v < model.variables().size(); ++v) {
        Variable copy = model.variables()[v];
        if (v == variable) {
            std::erase_if(copy.values, [&](const Value& value) {
                return std::ranges::binary_search(values, std::get<std::int64_t>(value));
            });
        }
        result.variable(copy);
    }
    for (const Constraint& constraint : model.constraints()) {
        result.require(constraint.condition, constraint.reason);
    }
    return result;
}

TEST(RandomRanges, LoseOnlyValuesThatConstraintsExclude) {
    std::size_t given = 0;
    for (std::uint32_t seed = 0; seed < tried_of(5000); ++seed) {
        const RandomKind kind{.reals = seed % 2 == 0, .texts = seed % 3 == 0, .large = seed % 5 == 0};
        const Model model = range_twins(seed, kind).with_lists;
        std::vector<Knowledge> known;
        std::ranges::transform(model.variables(), std::back_inserter(known),
                               [](const Variable& variable) { return knowledge_of(variable); });
        for (std::size_t v = 0; v < known.size(); ++v) {
            for (std::size_t c = 0; known[v].whole && c < model.constraints().size(); ++c) {
                std::string failure;
                if (auto values = images(model, known, c, v, failure)) {
                    ++given;
                    const Exhausted lost = exhaust(with_the_others(model, v, *values));
                    ASSERT_TRUE(lost.solutions.empty() && !lost.fails)
                        << "seed " << seed << " " << model.variables()[v].name << "\n"
                        << description(model);
                }
            }
        }
    }
    EXPECT_GT(given, tried_of(100)) << "the random models have too few equalities to tell anything";
}

}  // namespace
}  // namespace warpsmith
