#include "solver/neighbours.hpp"

#include <gtest/gtest.h>

#include <tuple>

#include "solver/error.hpp"
#include "solver/preference.hpp"
#include "solver/space_file.hpp"
#include "tests/solver/random_model.hpp"

namespace warpsmith {
namespace {

using Choices = std::vector<std::uint32_t>;

std::vector<Choices> choices_of_all(const std::vector<Solution>& solutions) {
    std::vector<Choices> choices;
    for (const Solution& solution : solutions) {
        choices.push_back(solution.choices());
    }
    return choices;
}

std::vector<std::string> lines(const std::vector<Solution>& solutions) {
    std::vector<std::string> lines;
    for (const Solution& solution : solutions) {
        lines.push_back(to_string(solution));
    }
    return lines;
}

struct Distance {
    std::size_t differing = 0;
    std::uint64_t places = 0;
    bool operator<(const Distance& other) const {
        return std::tie(differing, places) < std::tie(other.differing, other.places);
    }
};

Distance distance(const Choices& left, const Choices& right) {
    Distance distance;
    for (std::size_t v = 0; v < left.size(); ++v) {
        distance.differing += left[v] == right[v] ? 0 : 1;
        distance.places += std::max(left[v], right[v]) - std::min(left[v], right[v]);
    }
    return distance;
}

std::vector<Choices> nearest_of(std::vector<Choices> solutions, const Choices& wanted, std::size_t limit) {
    std::ranges::stable_sort(solutions, [&](const Choices& left, const Choices& right) {
        return distance(left, wanted) < distance(right, wanted);
    });
    solutions.resize(std::min(limit, solutions.size()));
    return solutions;
}

// By variable and then by place, which `std::sort` on the lists gives when only one variable differs from `wanted`.
std::vector<Choices> neighbours_of(const std::vector<Choices>& solutions, const Choices& wanted, Step step) {
    std::vector<Choices> result;
    for (std::size_t v = 0; v < wanted.size(); ++v) {
        for (const Choices& solution : solutions) {
            const Distance apart = distance(solution, wanted);
            const bool near = apart.differing == 1 && (step == Step::any || apart.places == 1);
            if (near && solution[v] != wanted[v]) {
                result.push_back(solution);
            }
        }
    }
    return result;
}

Configuration configuration_of(const Model& model, const Choices& choices) {
    Configuration configuration;
    for (std::size_t v = 0; v < choices.size(); ++v) {
        configuration.emplace_back(model.variables()[v].name, model.variables()[v].values[choices[v]]);
    }
    return configuration;
}

Model tiles() {
    Model model;
    Expr threads = model.variable("threads", {32, 64, 128, 256});
    Expr items = model.variable("items", {1, 2, 4, 8});
    model.variable("layout", std::vector<Value>{"row", "column"});
    model.require(threads * items <= 512, "a block holds at most 512 elements");
    return model;
}

TEST(Neighbours, DifferInOneVariable) {
    Model model = tiles();
    SolutionSet set(model);
    const Choices wanted = choices_of(*set.scope(), parse_configuration("threads=128 items=4 layout=row")).value();
    EXPECT_EQ(lines(neighbours(set, wanted)),
              (std::vector<std::string>{"threads=32 items=4 layout='row'", "threads=64 items=4 layout='row'",
                                        "threads=128 items=1 layout='row'", "threads=128 items=2 layout='row'",
                                        "threads=128 items=4 layout='column'"}));
    EXPECT_EQ(lines(neighbours(set, wanted, Step::adjacent)),
              (std::vector<std::string>{"threads=64 items=4 layout='row'", "threads=128 items=2 layout='row'",
                                        "threads=128 items=4 layout='column'"}));
}

TEST(Neighbours, OfAConfigurationThatIsNoSolutionRepairIt) {
    SolutionSet set(tiles());
    const Choices wanted = choices_of(*set.scope(), parse_configuration("threads=256 items=8 layout=row")).value();
    EXPECT_FALSE(set.contains(wanted));
    EXPECT_EQ(lines(neighbours(set, wanted)),
              (std::vector<std::string>{"threads=32 items=8 layout='row'", "threads=64 items=8 layout='row'",
                                        "threads=256 items=1 layout='row'", "threads=256 items=2 layout='row'"}));
}

TEST(Neighbours, AreRefusedForTooFewValues) {
    EXPECT_THROW(neighbours(SolutionSet(tiles()), Choices{0, 1}), Error);
}

TEST(Neighbours, OfRandomModelsAreThoseOfExhaustiveEnumeration) {
    std::size_t found = 0;
    for (std::uint32_t seed = 0; seed < tried_of(1500); ++seed) {
        RandomModel random(seed, {}, 6);
        const Exhausted all = exhaust(random.model());
        if (all.fails) {
            continue;
        }
        SolutionSet set(random.model());
        Choices wanted;
        for (const Variable& variable : random.model().variables()) {
            wanted.push_back(static_cast<std::uint32_t>((seed * 7 + wanted.size()) % variable.values.size()));
        }
        for (Step step : {Step::any, Step::adjacent}) {
            const std::vector<Choices> near = choices_of_all(neighbours(set, wanted, step));
            ASSERT_EQ(near, neighbours_of(all.solutions, wanted, step)) << "seed " << seed;
            found += near.size();
        }
        const Configuration asked = configuration_of(random.model(), wanted);
        for (std::size_t limit : {1U, 7U, 10'000U}) {
            ASSERT_EQ(choices_of_all(nearest(set, asked, limit)), nearest_of(all.solutions, wanted, limit))
                << "seed " << seed << "\n"
                << description(random.model());
        }
    }
    EXPECT_GT(found, tried_of(1000));
}

TEST(Nearest, LeavesOpenWhatIsNotGivenAndMovesToTheNearestNumber) {
    SolutionSet set(tiles());
    EXPECT_EQ(lines(nearest(set, parse_configuration("items=8, threads=100"), 3)),
              (std::vector<std::string>{"threads=64 items=8 layout='row'", "threads=64 items=8 layout='column'",
                                        "threads=32 items=8 layout='row'"}))
        << "100 is nearest to 128, which does not go with 8; 64 is one place away, 32 two";
    EXPECT_EQ(lines(nearest(set, parse_configuration("threads=1e3"), 1)),
              std::vector<std::string>{"threads=256 items=1 layout='row'"});
    EXPECT_EQ(lines(nearest(set, {}, 2)),
              (std::vector<std::string>{"threads=32 items=1 layout='row'", "threads=32 items=1 layout='column'"}));
}

TEST(Nearest, OfALargeSpaceIsFoundWithoutListingIt) {
    SolutionSet set(load_space(WARPSMITH_SOURCE_DIR "/tests/data/large_spaces/dividing_triples.json").model);
    const std::vector<Solution> found =
        nearest(set, parse_configuration("outer_0=24 middle_0=12 inner_0=5 outer_4=31"), 2);
    const std::string rest = " inner_1=1 inner_2=1 inner_3=1 inner_4=1";
    const std::string first =
        "outer_0=24 outer_1=1 outer_2=1 outer_3=1 outer_4=31 middle_0=12 middle_1=1 middle_2=1 "
        "middle_3=1 middle_4=1 inner_0=";
    EXPECT_EQ(lines(found), (std::vector<std::string>{first + "4" + rest, first + "6" + rest}));
}

TEST(Configuration, IsReadAsSolutionsAreWritten) {
    const Configuration expected = {{"a", std::int64_t{-3}}, {"b", 0.5}, {"c", "it's ok"}, {"d", "row"}};
    EXPECT_EQ(parse_configuration("a=-3 b=0.5  c='it\\'s ok', d=row"), expected);
    EXPECT_EQ(parse_configuration(" "), Configuration{});
}

TEST(Configuration, ThatCannotBeReadSaysWhere) {
    for (const char* text : {"threads", "=3", "threads= 3", "threads='x", "threads=1 items"}) {
        EXPECT_THROW(parse_configuration(text), Error) << text;
    }
    SolutionSet set(tiles());
    EXPECT_THROW(wishes(*set.scope(), parse_configuration("thread=32")), Error);
    EXPECT_THROW(wishes(*set.scope(), parse_configuration("threads=32 threads=64")), Error);
    EXPECT_THROW(choices_of(*set.scope(), parse_configuration("threads=32")), Error);
    EXPECT_EQ(choices_of(*set.scope(), parse_configuration("threads=33 items=1 layout=row")), std::nullopt);
}

TEST(Preferences, TheFirstOneDecidesThenTheSecond) {
    Model model;
    Expr a = model.variable("a", {3, 1, 2});
    Expr b = model.variable("b", {1, 2, 3});
    model.variable("c", {1, 2});
    model.require(a + b <= 4, "the sum is small");
    SolutionSet set(model);
    const std::vector<Preference> preferences = {parse_preference("b=largest"), parse_preference("a=largest")};
    EXPECT_EQ(lines(preferred(set, preferences, 4)),
              (std::vector<std::string>{"a=1 b=3 c=1", "a=1 b=3 c=2", "a=2 b=2 c=1", "a=2 b=2 c=2"}));
    EXPECT_EQ(lines(preferred(set, std::vector{parse_preference("a=smallest")}, 1)),
              std::vector<std::string>{"a=1 b=1 c=1"});
    EXPECT_THROW(preferred(set, std::vector{parse_preference("z=largest")}, 1), Error);
    EXPECT_THROW(preferred(set, std::vector(2, parse_preference("a=largest")), 1), Error);
    EXPECT_THROW(parse_preference("a"), Error);
    EXPECT_THROW(parse_preference("a=large"), Error);
}

// The places of the values in the order preferred, most important variable first.
std::vector<std::size_t> key_of(const Model& model, const Choices& choices, std::span<const Preference> preferences) {
    std::vector<std::size_t> key;
    for (const Preference& preference : preferences) {
        auto variable = std::ranges::find(model.variables(), preference.variable, &Variable::name);
        const Value& chosen = variable->values[choices[static_cast<std::size_t>(variable - model.variables().begin())]];
        key.push_back(static_cast<std::size_t>(std::ranges::count_if(variable->values, [&](const Value& value) {
            const std::partial_ordering order = compare(to_scalar(value), to_scalar(chosen));
            return preference.prefer == Prefer::largest ? std::is_gt(order) : std::is_lt(order);
        })));
    }
    return key;
}

TEST(Preferences, OfRandomModelsOrderTheSolutionsOfExhaustiveEnumeration) {
    std::size_t with_solutions = 0;
    for (std::uint32_t seed = 0; seed < tried_of(1500); ++seed) {
        RandomModel random(seed, {.reals = true}, 6);
        const Exhausted all = exhaust(random.model());
        if (all.fails) {
            continue;
        }
        std::vector<Preference> preferences;
        for (const Variable& variable : random.model().variables()) {
            if ((seed + preferences.size()) % 3 != 0) {
                preferences.push_back({variable.name, seed % 2 == 0 ? Prefer::largest : Prefer::smallest});
            }
        }
        std::ranges::reverse(preferences);
        std::vector<Choices> expected = all.solutions;
        std::ranges::stable_sort(expected, {},
                                 [&](const Choices& choices) { return key_of(random.model(), choices, preferences); });
        const std::vector<Choices> found = choices_of_all(preferred(SolutionSet(random.model()), preferences, 10'000));
        ASSERT_EQ(found, expected) << "seed " << seed << "\n" << description(random.model());
        with_solutions += expected.empty() ? 0 : 1;
    }
    EXPECT_GT(with_solutions, tried_of(150));
}

TEST(Preferences, OverMoreThan128BitsOfPlacesAreExact) {
    Model model;
    std::vector<Preference> preferences;
    std::vector<std::int64_t> values(100);
    for (std::int64_t value = 0; value < 100; ++value) {
        values[static_cast<std::size_t>(value)] = value;
    }
    for (int i = 0; i < 40; ++i) {
        preferences.push_back({"v" + std::to_string(i), i % 2 == 0 ? Prefer::largest : Prefer::smallest});
        model.variable(preferences.back().variable, values);
    }
    const Solution second = preferred(SolutionSet(model), preferences, 2).back();
    EXPECT_EQ(second["v0"], 99);
    EXPECT_EQ(second["v37"], 0);
    EXPECT_EQ(second["v38"], 99);
    EXPECT_EQ(second["v39"], 1);
}

}  // namespace
}  // namespace warpsmith
