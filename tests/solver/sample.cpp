#include "solver/sample.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "solver/error.hpp"
#include "solver/random_stream.hpp"
#include "solver/space_file.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

std::vector<Count> ranks(const SolutionSet& set, const std::vector<Solution>& solutions) {
    std::vector<Count> ranks;
    for (const Solution& solution : solutions) {
        ranks.push_back(set.rank(solution.choices()).value());
    }
    return ranks;
}

// Pairs whose sum is at most 6, times a variable of its own: 15 * 4 solutions.
Model sixty() {
    Model model;
    Expr a = model.variable("a", {1, 2, 3, 4, 5});
    model.variable("free", {1, 2, 3, 4});
    Expr b = model.variable("b", {1, 2, 3, 4, 5});
    model.require(a + b <= 6, "the sum is small");
    return model;
}

// Pearson's statistic of how often each of `places` things was seen.
double chi_square(const std::vector<Count>& seen, std::size_t places) {
    std::map<Count, double> counts;
    for (Count place : seen) {
        ++counts[place];
    }
    const double expected = static_cast<double>(seen.size()) / static_cast<double>(places);
    double sum = static_cast<double>(places - counts.size()) * expected;
    for (const auto& [place, count] : counts) {
        sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
}

TEST(RandomStream, GivesTheNumbersOfThePublishedGenerators) {
    RandomStream random(42);  // computed with a transcription of the two algorithms into Python
    EXPECT_EQ(random.next(), 1546998764402558742U);
    EXPECT_EQ(random.next(), 6990951692964543102U);
    EXPECT_EQ(random.next(), 12544586762248559009U);
}

TEST(RandomStream, StaysBelowBoundsOfAllSizesAndReachesTheirEnds) {
    RandomStream random(1);
    EXPECT_EQ(random.below(1), 0U);
    for (UInt128 bound : {UInt128{2}, UInt128{5}, UInt128{64}}) {
        std::set<UInt128> seen;
        for (int i = 0; i < 2000; ++i) {
            seen.insert(random.below(bound));
        }
        EXPECT_EQ(seen.size(), bound);
        EXPECT_EQ(*seen.rbegin(), bound - 1);
    }
    const UInt128 wide = (UInt128{3} << 64U) + 5;
    std::set<UInt128> upper_words;
    for (int i = 0; i < 2000; ++i) {
        const UInt128 drawn = random.below(wide);
        ASSERT_LT(drawn, wide);
        upper_words.insert(drawn >> 64U);
    }
    EXPECT_EQ(upper_words.size(), 3U) << "four are possible, the last with a chance of one in 10^19";
    EXPECT_GT(random.below(kMaxCount) >> 100U, 0U);
}

TEST(Sample, DrawsEachSolutionEquallyOften) {
    SolutionSet set(sixty());
    const std::vector<Count> seen = ranks(set, sample(set, 60'000, {.seed = 7, .distinct = false}));
    EXPECT_LT(chi_square(seen, 60), 98.3) << "of 59 degrees of freedom, one in a thousand is above";
    EXPECT_GT(chi_square(seen, 60), 30.0) << "more even than one in a thousand: not independent";
}

TEST(Sample, DrawsEachSolutionEquallyOftenWhenNoneIsDrawnTwice) {
    SolutionSet set(sixty());
    for (std::size_t size : {10U, 40U}) {  // by rejection and by shuffling
        std::vector<Count> seen;
        std::vector<Count> last;
        for (std::uint64_t seed = 0; seed < 3000; ++seed) {
            const std::vector<Count> drawn = ranks(set, sample(set, size, {.seed = seed}));
            seen.insert(seen.end(), drawn.begin(), drawn.end());
            last.push_back(drawn.back());
        }
        EXPECT_LT(chi_square(seen, 60), 98.3) << size;
        EXPECT_LT(chi_square(last, 60), 98.3) << "the order is random too, " << size;
    }
}

TEST(Sample, HasDistinctSolutionsUnlessRepetitionsAreAllowed) {
    SolutionSet set(sixty());
    for (std::size_t size : {1U, 29U, 30U, 31U, 60U, 1000U}) {
        const std::vector<Count> drawn = ranks(set, sample(set, size, {.seed = 3}));
        EXPECT_EQ(drawn.size(), std::min<std::size_t>(size, 60));
        EXPECT_EQ(std::set<Count>(drawn.begin(), drawn.end()).size(), drawn.size());
    }
    EXPECT_EQ(sample(set, 1000, {.seed = 3, .distinct = false}).size(), 1000U);
    EXPECT_EQ(sample(set, 0).size(), 0U);
}

TEST(Sample, IsDeterminedByTheSeed) {
    SolutionSet set(sixty());
    EXPECT_EQ(ranks(set, sample(set, 5, {.seed = 11})), ranks(set, sample(set, 5, {.seed = 11})));
    EXPECT_NE(ranks(set, sample(set, 5, {.seed = 11})), ranks(set, sample(set, 5, {.seed = 12})));
    EXPECT_EQ(to_string(sample(set, 1, {.seed = 11}).front()), "a=1 free=1 b=4") << "on every platform";
}

TEST(Sample, OfNothingIsNothing) {
    Model model;
    Expr a = model.variable("a", {1, 2});
    model.require(a > 2, "too large");
    EXPECT_EQ(sample(SolutionSet(model), 3).size(), 0U);
    EXPECT_EQ(sample(SolutionSet(model), 3, {.distinct = false}).size(), 0U);
    EXPECT_EQ(sample(SolutionSet(Model()), 3).size(), 1U) << "a model without variables has one solution";
}

TEST(Sample, OfRandomModelsHasSolutionsOnly) {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        RandomModel random(seed, {.reals = true}, 6);
        Exhausted all = exhaust(random.model());
        if (!all.fails && !all.solutions.empty()) {
            SolutionSet set(random.model());
            for (const Solution& solution : sample(set, 20, {.seed = seed, .distinct = seed % 2 == 0})) {
                ASSERT_NE(std::ranges::find(all.solutions, solution.choices()), all.solutions.end()) << "seed " << seed;
            }
        }
    }
}

TEST(Sample, OfALargeSpaceIsDrawnWithoutListingIt) {
    SolutionSet set(load_space(WARPSMITH_SOURCE_DIR "/tests/data/large_spaces/dividing_triples.json").model);
    const std::vector<Count> drawn = ranks(set, sample(set, 4000, {.seed = 5}));
    std::vector<Count> tenths;
    for (Count place : drawn) {
        tenths.push_back(place * 10 / set.count());
    }
    EXPECT_LT(chi_square(tenths, 10), 27.9) << "of 9 degrees of freedom, one in a thousand is above";
}

TEST(Sample, CanBeDrawnFromMoreThan128BitsButNotWithinOneGroup) {
    Model model;
    std::vector<Expr> digits;
    for (int i = 0; i < 50; ++i) {
        digits.push_back(model.variable("digit" + std::to_string(i), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    }
    EXPECT_EQ(sample(SolutionSet(model), 100).size(), 100U);
    for (std::size_t i = 0; i + 1 < digits.size(); ++i) {
        model.require(digits[i] + digits[i + 1] < 18, "not both are 9");
    }
    EXPECT_THROW(sample(SolutionSet(model), 100), Error);
}

}  // namespace
}  // namespace warpsmith
